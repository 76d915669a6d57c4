"""The data stack: numpy, pandas, scipy, matplotlib, preloaded and not."""
import atexit
import base64
import functools
import os
import re
import shutil
import subprocess
import sys
import unittest
from importlib.util import find_spec

from testing.folders import temporary_folder

from python import matplotlib_hook

from .harness import RunnerTest

SHOW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"


# A character for private use, which no font has.
NO_GLYPH = "\U000f1234"


def warned_lines(stderr):
    """The places that the warnings on stderr name."""
    return set(re.findall(r"^(\S+): UserWarning: Glyph", stderr, re.MULTILINE))


def is_png(display):
    return base64.b64decode(display["image/png"]).startswith(b"\x89PNG\r\n")


@functools.cache
def font_lists():
    """A folder for what matplotlib keeps, with its list of fonts."""
    folder = temporary_folder(atexit.register)
    build = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(build, env={"MPLCONFIGDIR": folder, "PATH": "/usr/bin"}, check=True)
    return folder


class PlottingTest(RunnerTest):
    """Programs find the list of fonts: matplotlib says on stderr that it makes one where that takes more than 5 s."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copytree(font_lists(), cls.kept + "/run")


class PreloadedTest(PlottingTest):
    preload = ("numpy", "pandas", "scipy", "matplotlib", "openpyxl")

    def test_preparing_leaves_no_thread_no_descriptor_and_no_warning(self):
        self.assertEqual(self.prepared, {"warnings": [], "leaked": [], "tasks": 1})

    def test_two_runs_share_no_randomness(self):
        code = (
            "import numpy as np, pandas as pd, scipy.stats as st\n"
            "[np.random.rand(), np.random.default_rng().random(), list(pd.Series(range(10**6)).sample(2)),"
            " float(st.norm.rvs()), float(np.random.RandomState().rand())]"
        )
        first, second = self.run_program(code).value, self.run_program(code).value
        self.assertEqual([a == b for a, b in zip(first, second)], [False] * 5)

    def test_numpy_scalars_are_python_values(self):
        code = "import numpy as np\n[np.float64(1.5), np.int32(3), np.bool_(True), np.str_('a'), np.float64('nan')]"
        self.assertEqual(
            self.run_program(code).value, [1.5, 3, True, "a", {"$type": "builtins.float", "repr": "nan"}]
        )

    def test_arrays_are_described_with_shape_dtype_and_data(self):
        code = "import numpy as np\n[np.arange(4).reshape(2, 2), np.zeros(200_000)]"
        small, large = self.run_program(code).value
        self.assertEqual(
            small,
            {"$type": "numpy.ndarray", "repr": "array([[0, 1],\n       [2, 3]])", "shape": [2, 2], "dtype": "int64",
             "json": [[0, 1], [2, 3]]},
        )
        self.assertEqual((large["shape"], "json" in large), ([200_000], False))

    def test_arrays_of_objects_times_and_missing_numbers_have_data(self):
        code = (
            "import numpy as np\n[x for x in (np.array([None, {1}], dtype=object), np.array(['2024-01-02'], dtype='M8[D]'),"
            " np.array([[1.5, np.nan]]))]"
        )
        objects, times, numbers = (item["json"] for item in self.run_program(code).value)
        self.assertEqual((objects[0], objects[1]["$type"]), (None, "builtins.set"))
        self.assertEqual((times, numbers), (["2024-01-02"], [[1.5, None]]))

    def test_an_array_in_itself_is_described(self):
        code = "import numpy as np\na = np.array([None], dtype=object)\na[0] = [a]\na"
        self.assertEqual(self.run_program(code).value["$type"], "numpy.ndarray")

    def test_frames_are_described_with_columns_and_data(self):
        code = "import pandas as pd, numpy as np\nx = pd.DataFrame({'a': [1, 2], 'b': ['x', None], 't': pd.to_datetime(['2024-01-01', None])})"
        result = self.run_program(code, returnVariables=["x"])
        value = result.of_type("variables")[0]["variables"]["x"]
        self.assertEqual(value["$type"], "pandas.core.frame.DataFrame")
        self.assertEqual((value["shape"], value["columns"]), ([2, 3], ["a", "b", "t"]))
        self.assertEqual(
            value["json"],
            {"columns": ["a", "b", "t"], "index": [0, 1], "data": [[1, "x", "2024-01-01T00:00:00"], [2, None, None]]},
        )

    def test_series_are_described_with_index_and_data(self):
        value = self.run_program("import pandas as pd\npd.Series([1.5, None], index=['a', 'b'], name='s')").value
        self.assertEqual((value["name"], value["json"]), ("s", {"index": ["a", "b"], "data": [1.5, None]}))

    def test_a_frame_as_value_is_displayed_as_table_and_records(self):
        result = self.run_program("import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': [0.5, float('nan')]})")
        (display,) = result.displays
        self.assertIn("<table", display["text/html"])
        self.assertEqual(display["application/json"], [{"a": 1, "b": 0.5}, {"a": 2, "b": None}])
        self.assertEqual(display["text/plain"], "   a    b\n0  1  0.5\n1  2  NaN")

    def test_records_stop_at_1000_rows_and_keep_equal_column_names(self):
        code = "import pandas as pd\ndisplay(pd.DataFrame([[1, 2]] * 3000, columns=['a', 'a']), pd.Series([5], name='s'))"
        first, second = self.run_program(code).displays
        self.assertEqual((len(first["application/json"]), first["application/json"][0]), (1000, {"a": 1, "a.1": 2}))
        self.assertEqual(second["application/json"], [{"s": 5}])

    def test_files_become_frames_and_frames_files(self):
        code = (
            "import pandas as pd\nf = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})\n"
            "for e in ('csv', 'tsv', 'json', 'jsonl', 'xlsx', 'html'): save_file('out/f.' + e, f)\n"
            "[load_file('out/f.' + e).equals(f) for e in ('csv', 'tsv', 'xlsx')] + [load_file('out/f.csv', nrows=1).shape, load_file('out/f.jsonl')]"
        )
        self.assertEqual(
            self.run_program(code).value, [True, True, True, [1, 2], [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]]
        )

    def test_a_format_without_library_names_what_is_missing(self):
        self.write("a.parquet", b"PAR1")
        self.write("b.xls", b"\xd0\xcf\x11\xe0")
        code = "import sys\nsys.modules.update(pyarrow=None, fastparquet=None, xlrd=None)\n"
        messages = [self.run_program(code + f"load_file('{name}')").error["message"] for name in ("a.parquet", "b.xls")]
        folder = "/usr/local/lib/python%d.%d/dist-packages" % sys.version_info[:2]
        self.assertEqual(
            messages,
            ["load_file: reading .parquet needs pyarrow or fastparquet, which is not installed; "
             f"the operator of this host installs it with: pip install --target={folder} pyarrow",
             "load_file: reading .xls needs xlrd, which is not installed; "
             f"the operator of this host installs it with: pip install --target={folder} xlrd"],
        )

    def test_a_warning_of_a_shown_figure_names_the_line_that_shows_it(self):
        title = SHOW + f"plt.title('{NO_GLYPH}')\n"
        shows = {"plt.show()": 4, "plt.gcf().show()": 4, "display(plt.gcf())": 4, "save_file('a.png', plt.gcf())": 4}
        for show, line in {**shows, "def f():\n    plt.show()\nf()": 5, "\nplt.gcf()": 5, "\n\nNone": 6}.items():
            with self.subTest(show=show):
                self.assertEqual(warned_lines(self.run_program(title + show).stderr), {f"main.py:{line}"})

    def test_a_filter_of_the_program_for_its_own_lines_holds_for_a_shown_figure(self):
        code = "import warnings\nwarnings.filterwarnings('ignore', module='__main__')\n"
        self.assertEqual(self.run_program(code + SHOW + f"plt.title('{NO_GLYPH}')\nplt.show()").stderr, "")

    def test_a_warning_in_a_figures_module_names_the_line_of_that_module(self):
        self.write("charts.py", SHOW + f"def draw():\n    plt.title('{NO_GLYPH}')\n    plt.show()\n")
        stderr = self.run_program("import charts\ncharts.draw()").stderr
        self.assertEqual(warned_lines(stderr), {f"{self.workspace}/charts.py:5"})

    def test_show_sends_every_open_figure_and_closes_it(self):
        code = SHOW + "plt.figure()\nplt.show()\nprint(plt.get_fignums())\nplt.show()"
        result = self.run_program(code)
        self.assertEqual((result.stdout, result.stderr), ("[]\n", ""))
        self.assertEqual([is_png(display) for display in result.displays], [True, True])

    def test_figures_left_open_are_sent_once_at_the_end(self):
        self.assertEqual(len(self.run_program(SHOW + "plt.savefig('a.png')").displays), 1)
        self.assertEqual(len(self.run_program(SHOW + "1/0").displays), 1)
        self.assertEqual(len(self.run_program(SHOW + "plt.close()").displays), 0)

    def test_a_figure_is_sent_once_however_it_is_shown(self):
        self.assertEqual(len(self.run_program(SHOW + "plt.gcf()").displays), 1)
        self.assertEqual(len(self.run_program(SHOW + "display(plt.gcf())").displays), 1)
        self.assertEqual(len(self.run_program(SHOW + "plt.gcf().show()").displays), 1)

    def test_a_figure_changed_after_it_was_shown_is_sent_again(self):
        self.assertEqual(len(self.run_program(SHOW + "plt.gcf().show()\nplt.title('new')\nNone").displays), 2)

    def test_another_backend_of_the_program_still_shows_figures_at_the_end(self):
        code = "import matplotlib\nmatplotlib.use('Agg')\n" + SHOW + "import warnings; warnings.simplefilter('ignore'); plt.show()"
        self.assertEqual(len(self.run_program(code).displays), 1)
        result = self.run_program(SHOW + "[plt.get_backend().lower()]", env={"MPLBACKEND": "svg"})
        self.assertEqual(result.value, ["svg"])

    def test_processes_the_program_starts_can_plot(self):
        self.write("plot.py", SHOW + "plt.savefig('a.png')\nplt.show()")
        code = "import subprocess, sys\nsubprocess.run([sys.executable, '-W', 'ignore', 'plot.py']).returncode"
        result = self.run_program(code)
        self.assertEqual((result.value, result.stderr), (0, ""))

    def test_a_figure_can_be_saved_as_a_file(self):
        self.run_program(SHOW + "save_file('a/b.svg', plt.gcf())")
        self.assertIn("<svg", self.read("a/b.svg"))


class SecondFontTest(unittest.TestCase):
    """Where the host has a font with the characters that matplotlib's own lacks."""

    def families(self, *fonts):
        settings = {"font.family": ["serif"]}
        matplotlib_hook.add_second_font(settings, fonts)
        return settings["font.family"]

    def test_the_first_font_that_is_there_is_the_second_family(self):
        missing, here, other = ("A", "/no/such/font"), ("B", __file__), ("C", __file__)
        self.assertEqual(self.families(missing, here, other), ["serif", "B"])
        self.assertEqual(self.families(missing), ["serif"])
        self.assertEqual(self.families(("serif", __file__)), ["serif"])


@unittest.skipUnless(find_spec("matplotlib"), "needs matplotlib")
class NotPreloadedTest(PlottingTest):
    def test_figures_are_sent_when_matplotlib_was_not_preloaded(self):
        result = self.run_program(SHOW + "plt.show()\nplt.figure()\nNone")
        self.assertEqual([is_png(display) for display in result.displays], [True, True])
        self.assertEqual(result.stderr, "")


@unittest.skipUnless(find_spec("matplotlib"), "needs matplotlib")
class FontCacheTest(RunnerTest):
    @classmethod
    def setUpClass(cls):
        cls.cache = font_lists()
        cls.nursery_environment = {"GLOVEBOX_MPL_CACHE": cls.cache}
        super().setUpClass()

    def test_a_ready_font_list_is_put_where_matplotlib_reads_it(self):
        code = (
            "import os, matplotlib\nprint(os.listdir(matplotlib.get_cachedir()))\n"
            "from matplotlib import font_manager as f\nlen(f.fontManager.ttflist) > 10"
        )
        result = self.run_program(code, env={"MPLCONFIGDIR": self.workspace + "/mpl"})
        self.assertEqual(result.value, True)
        lists = [name for name in os.listdir(self.cache) if name.startswith("fontlist")]
        self.assertEqual((len(lists), result.stdout), (1, repr(lists) + "\n"))
