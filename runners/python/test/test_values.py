"""Values as faithful JSON."""
from .harness import RunnerTest


class ValuesTest(RunnerTest):
    def value(self, expression, setup=""):
        result = self.run_program(f"{setup}\n{expression}")
        self.assertEqual((result.status, result.stderr), (0, ""))
        return result.value

    def test_what_json_holds_is_json(self):
        self.assertEqual(
            self.value("[None, True, 1, -2.5, 'h\xe9', (1, 2), {'a': {}}, 2**53 - 1, 1e300]"),
            [None, True, 1, -2.5, "h\xe9", [1, 2], {"a": {}}, 9007199254740991, 1e300],
        )
        self.assertIs(self.value("1 == 1"), True)

    def test_numbers_json_cannot_hold_are_described(self):
        self.assertEqual(self.value("2**53"), {"$type": "builtins.int", "repr": "9007199254740992"})
        self.assertEqual(self.value("float('nan')"), {"$type": "builtins.float", "repr": "nan"})
        self.assertEqual(self.value("[float('-inf'), 1j]")[0], {"$type": "builtins.float", "repr": "-inf"})
        self.assertEqual(self.value("1 + 2j"), {"$type": "builtins.complex", "repr": "(1+2j)"})
        self.assertTrue(self.value("10**9000")["repr"].startswith("0x"))

    def test_other_builtins_are_described_with_what_is_known(self):
        self.assertEqual(self.value("b'ab'"), {"$type": "builtins.bytes", "repr": "b'ab'", "length": 2})
        self.assertEqual(self.value("{1}"), {"$type": "builtins.set", "repr": "{1}", "length": 1, "items": [1]})
        self.assertEqual(
            self.value("{1: 'a'}"), {"$type": "builtins.dict", "repr": "{1: 'a'}", "length": 1, "items": [[1, "a"]]}
        )
        self.assertEqual(
            self.value("{'$type': 1}"),
            {"$type": "builtins.dict", "repr": "{'$type': 1}", "length": 1, "items": [["$type", 1]]},
        )
        self.assertEqual(
            self.value("'\\ud800'"), {"$type": "builtins.str", "repr": "'\\ud800'", "length": 1}
        )

    def test_times_and_exact_numbers_have_a_json_form(self):
        self.assertEqual(
            self.value("d.date(2024, 5, 6)", "import datetime as d"),
            {"$type": "datetime.date", "repr": "datetime.date(2024, 5, 6)", "json": "2024-05-06"},
        )
        self.assertEqual(
            self.value("Decimal('1.10')", "from decimal import Decimal"),
            {"$type": "decimal.Decimal", "repr": "Decimal('1.10')", "json": "1.10"},
        )

    def test_sane_subclasses_are_converted_by_their_base(self):
        setup = "from collections import *\nP = namedtuple('P', 'x y')\nd = defaultdict(list)\nd['a'].append(1)"
        self.assertEqual(
            self.value("[OrderedDict(b=1, a=2), d, Counter('aa'), P(1, 2)]", setup),
            [{"b": 1, "a": 2}, {"a": [1]}, {"a": 2}, [1, 2]],
        )

    def test_enums_keep_their_type_and_their_value(self):
        setup = "import enum\nclass Color(enum.IntEnum): RED = 1"
        self.assertEqual(
            self.value("Color.RED", setup), {"$type": "__main__.Color", "repr": "<Color.RED: 1>", "json": 1}
        )

    def test_lying_subclasses_are_not_asked(self):
        setup = (
            "class D(dict):\n    def items(self): raise SystemExit(9)\n    __iter__ = keys = __len__ = items\n"
            "class L(list):\n    def __iter__(self):\n        while True: yield 1\n"
            "class O:\n    __class__ = dict\n    def __repr__(self): return 'O'"
        )
        self.assertEqual(
            self.value("[D(a=1), L([1, 2]), O()]", setup), [{"a": 1}, [1, 2], {"$type": "__main__.O", "repr": "O"}]
        )

    def test_cycles_are_described(self):
        value = self.value("x", "x = [1]\nx.append(x)")
        self.assertEqual(value, [1, {"$type": "builtins.list", "repr": "[1, [...]]"}])

    def test_a_value_that_stands_twice_is_no_cycle(self):
        self.assertEqual(self.value("[x, x]", "x = [1]"), [[1], [1]])

    def test_depth_beyond_64_is_described(self):
        value = self.value("x", "x = 1\nfor _ in range(100_000): x = [x]")
        for _ in range(64):
            (value,) = value
        self.assertEqual(value["$type"], "builtins.list")
        self.assertTrue(value["repr"].startswith("<repr failed: RecursionError"))

    def test_no_message_nests_deeper_than_the_reader_accepts(self):
        for wrap in ("{1: x}", "frozenset([x])", "[{'$type': x}]", "(x,)"):
            value, depth = [self.value("x", f"x = ()\nfor _ in range(80): x = {wrap}")], 0
            while value:
                children = [list(item.values()) if type(item) is dict else item for item in value if type(item) in (dict, list)]
                value, depth = [child for group in children for child in group], depth + 1
            self.assertLess(depth, 80)

    def test_failing_reprs_are_described(self):
        setup = (
            "class A:\n    def __repr__(self): raise ValueError('bad')\n"
            "class B:\n    def __repr__(self): raise SystemExit\n"
            "class C:\n    def __repr__(self): return 5\n"
            "class D:\n    def __repr__(self): return 'x' * 10_000_000\n"
            "class E(Exception):\n    def __str__(self): raise self\n"
            "class F:\n    def __repr__(self): raise E"
        )
        reprs = [item["repr"] for item in self.value("[A(), B(), C(), D(), F()]", setup)]
        self.assertEqual(reprs[0], "<repr failed: ValueError: bad>")
        self.assertEqual(reprs[1], "<repr failed: SystemExit: >")
        self.assertEqual(reprs[2], "<repr failed: TypeError: __repr__ returned non-string (type int)>")
        self.assertEqual((len(reprs[3]), reprs[3][-4:]), (2000, "x..."))
        self.assertEqual(reprs[4], "<repr failed>")

    def test_a_container_changed_by_a_repr_does_no_harm(self):
        setup = "class A:\n    def __repr__(self):\n        d[len(d)] = 1\n        return 'A'\nd = {}\nd['a'] = A()\nd['b'] = 2"
        self.assertEqual(self.value("d", setup)["$type"], "builtins.dict")

    def test_hostile_metaclasses_do_no_harm(self):
        setup = (
            "class M(type):\n    def __getattribute__(cls, name): raise SystemExit(7)\n    __instancecheck__ = None\n"
            "class A(metaclass=M): pass"
        )
        self.assertEqual(self.value("[A(), A]", setup)[0]["$type"], "object")

    def test_a_value_that_changes_shape_while_shown_is_no_error_of_the_runner(self):
        setup = "class A:\n    @property\n    def _repr_html_(self): raise KeyError('html')\n    def __repr__(self): return 'A'"
        result = self.run_program(f"{setup}\nA()")
        self.assertEqual((result.value, result.status), ({"$type": "__main__.A", "repr": "A"}, 0))

    def test_values_larger_than_a_message_are_described_with_a_warning(self):
        for code in ("'x' * 9_000_000", "list(range(3_000_000))", "'\\x01' * 2_000_000", "'\u20ac' * 3_000_000"):
            result = self.run_program(code)
            self.assertEqual(sorted(result.value), ["$type", "length", "repr"])
            self.assertLessEqual(len(result.value["repr"]), 2000)
            self.assertEqual(
                result.warnings,
                ["the value of the last expression is too large for one message; only a description of it was kept"],
            )

    def test_values_up_to_the_limit_are_whole(self):
        self.assertEqual(len(self.value("'x' * 8_000_000")), 8_000_000)
