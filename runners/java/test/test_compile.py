import io
import os
import re
import shutil
import subprocess
import unittest
import zipfile

from testing.compiled import CompilerTest
from testing.manifest import Language

GREETING = """public class Main {
    public static void main(String[] a) {
        System.out.println("hello");
    }
}
"""
SHORT = 'class {} {{ public static void main(String[] a) {{ System.out.print("{}"); }} }}\n'


class JavaTest(CompilerTest):
    language = Language("java")


class Programs(JavaTest):
    def test_a_program_gets_its_arguments_and_its_input(self):
        program = """import java.util.List;
import java.util.Scanner;

public class Main {
    public static void main(String[] words) {
        System.out.print(List.of(words) + new Scanner(System.in).nextLine());
        System.exit(3);
    }
}
"""
        ended = self.run_program(program, "a b", "", "-c", "@d", stdin=b"input\n")
        self.assertEqual((ended.status, ended.stdout), (3, "[a b, , -c, @d]input"))

    def test_a_public_class_may_be_in_a_file_of_any_name(self):
        program = GREETING.replace("Main", "Greeting")
        for name in ("main.java", "hello-world.java", "a b/x.java", "program.txt"):
            with self.subTest(name):
                self.assertEqual(self.run_program({name: program}, entry=name).stdout, "hello\n")
                self.make_folders(self.addCleanup)

    def test_a_class_of_a_package_may_be_in_a_file_anywhere(self):
        program = "package shop.prices;\n\n" + GREETING.replace("Main", "Greeting")
        self.assertEqual(self.run_program(program).stdout, "hello\n")

    def test_all_source_files_make_one_program(self):
        files = {
            "app/Main.java": "package app;\nimport app.shop.*;\npublic class Main {\n"
            "    public static void main(String[] a) { System.out.print(new Price(2).of() + Shop.NAME); }\n}\n",
            "app/shop/Price.java": "package app.shop;\npublic record Price(int count) {\n"
            "    public int of() { return 3 * count; }\n}\n",
            "app/shop/Shop.java": 'package app.shop;\npublic interface Shop { String NAME = "shop"; }\n',
            "app/shop/package-info.java": "/** Has no class. */\npackage app.shop;\n",
        }
        self.assertEqual(self.run_program(files).stdout, "6shop")

    def test_the_class_with_the_main_method_is_started(self):
        for program, started in (
            ("class A {}\n" + SHORT.format("B", "B"), "B"),
            (SHORT.format("A", "A") + SHORT.format("B", "B"), "A"),
            (SHORT.format("A", "A") + "public " + SHORT.format("B", "B"), "B"),
            ("public class A { void main(int n) {} }\n" + SHORT.format("B", "B"), "B"),
            ("public class A { void main() {} }\n" + SHORT.format("B", "B"), "B"),
            (SHORT.format("A", "A").replace("class A", "interface A"), "A"),
            (SHORT.format("A", "A").replace("class A {", "enum A { X;"), "A"),
            (SHORT.format("A", "A").replace("class A", "record A(int n)"), "A"),
            (SHORT.format("A", "A").replace("String[] a", "final java.lang.String... a"), "A"),
        ):
            with self.subTest(program):
                self.assertEqual(self.run_program(program).stdout, started)

    def test_the_class_to_start_is_one_of_the_entry(self):
        files = {"Main.java": SHORT.format("Entry", "entry"), "A.java": "public " + SHORT.format("A", "other")}
        self.assertEqual(self.run_program(files).stdout, "entry")

    def test_a_program_without_a_main_method_is_refused_by_java_itself(self):
        ended = self.run_program("public class Main {}\n")
        self.assertEqual(ended.status, 1)
        self.assertIn("Main method not found in class Main", ended.error["message"])

    def test_libraries_and_resources_of_the_workspace_are_found(self):
        compiled = self.compile("package lib;\npublic class Lib { public static int one() { return 1; } }\n")
        self.assertEqual(compiled.status, 0)
        library = io.BytesIO()
        with zipfile.ZipFile(library, "w") as archive:
            archive.writestr("lib/Lib.class", self.product_files()["classes/lib/Lib.class"])
        self.make_folders(self.addCleanup)
        with open(f"{self.workspace}/lib.jar", "wb") as file:
            file.write(library.getvalue())
        program = """public class Main {
    public static void main(String[] a) throws Exception {
        System.out.print(lib.Lib.one());
        System.out.print(new String(Main.class.getResourceAsStream("/text.txt").readAllBytes()));
    }
}
"""
        self.assertEqual(self.run_program({"Main.java": program, "text.txt": "text"}).stdout, "1text")

    def test_the_same_source_makes_the_same_product(self):
        products = []
        for _ in range(2):
            self.compile(GREETING)
            products.append(self.product_files())
        self.assertEqual(sorted(products[0]), ["classes/Main.class", "main"])
        self.assertEqual(*products)


class Workspace(JavaTest):
    """What the JVM notes about fonts would be taken for a file of the program."""

    def fonts(self):
        return os.path.join(self.workspace, ".java/fonts")

    def test_a_program_that_draws_leaves_no_notes_about_fonts(self):
        self.run_program(GREETING.replace("System", 'new java.awt.Point(); System'))
        self.assertEqual((os.listdir(self.fonts()), os.stat(self.fonts()).st_mode & 0o222), ([], 0))
        self.assertEqual(self.run_product().stdout, "hello\n")

    def test_nothing_is_made_for_one_that_does_not(self):
        self.run_program(GREETING)
        self.assertEqual(os.listdir(self.workspace), ["Main.java"])


class WarmFiles(JavaTest):
    def test_the_archive_of_classes_fits_the_compiler(self):
        self.assertEqual(self.compile(GREETING, env={"JAVA_TOOL_OPTIONS": "-Xshare:on"}).status, 0)

    def test_one_that_does_not_fit_costs_time_only(self):
        spoilt = shutil.copytree(self.warm_files(), f"{self.scratch}/spoilt")
        os.remove(f"{spoilt}/compiler.jsa")
        with open(f"{spoilt}/compiler.jsa", "wb") as file:
            file.write(b"of another JVM" * 1000)
        compiled = self.compile(GREETING, warm=spoilt)
        self.assertEqual((compiled.status, compiled.stdout, compiled.stderr), (0, "", ""))
        self.assertNotEqual(self.compile(GREETING, warm=spoilt, env={"JAVA_TOOL_OPTIONS": "-Xshare:on"}).status, 0)

    def test_without_any_a_program_compiles(self):
        self.assertEqual(self.compile(GREETING, warm="/nonexistent").status, 0)
        self.assertEqual(self.run_product().stdout, "hello\n")


class Memory(JavaTest):
    def test_the_heap_fits_the_memory_limit(self):
        program = GREETING.replace('"hello"', "Runtime.getRuntime().maxMemory() >> 20")
        self.compile(program)
        for limit, heap in ((64, 16), (256, 160), (512, 352), (2048, 1504)):
            env = {"GLOVEBOX_MEMORY_BYTES": str(limit << 20)}
            self.assertEqual(self.run_product(env=env).stdout, f"{heap}\n")

    def test_a_heap_that_is_full_is_an_error_of_java(self):
        self.compile(GREETING.replace('"hello"', "new byte[1 << 29]"))
        ended = self.run_product(env={"GLOVEBOX_MEMORY_BYTES": str(64 << 20)})
        self.assertEqual((ended.status, ended.error["type"]), (1, "java.lang.OutOfMemoryError"))
        self.assert_error(ended, message="Java heap space")


class Messages(JavaTest):
    def test_an_error_has_the_line_of_the_users_file(self):
        wrong = "package app;\nclass B {\n    int n = true;\n}\n"
        compiled = self.compile({"Main.java": GREETING, "app/B.java": wrong})
        self.assertEqual(compiled.status, 1)
        self.assert_error(compiled, type="CompileError", file="app/B.java", line=3)
        self.assert_error(compiled, message="incompatible types: boolean cannot be converted to int")
        self.assertTrue(compiled.stderr.endswith("^\n1 error\n"), compiled.stderr)

    def run_javac(self):
        command = ["javac", "-J-XX:-UsePerfData", "-d", self.scratch, "Main.java"]
        return subprocess.run(command, cwd=self.workspace, capture_output=True, encoding="utf-8")

    def test_what_the_compiler_says_of_a_program_is_what_javac_says(self):
        wrong = "public class Main {\n    void f() { g(1; }\n    int h() { }\n"
        unchecked = (
            "import java.util.*;\npublic class Main {\n    List<String> f(List n) { return n; }\n"
            '    public static void main(String[] a) { new Thread().stop(); }\n}\n'
        )
        for program in (wrong, unchecked):
            compiled = self.compile(program)
            javac = self.run_javac()
            self.assertEqual((compiled.status, compiled.stderr), (javac.returncode, javac.stderr))

    def test_text_that_is_not_utf_8_is_an_error_as_for_javac(self):
        latin = b'public class Main {\n    // \xe9 \xff\n    String s = "\xe9";\n    int n = "";\n}\n'
        compiled, javac = self.compile({"Main.java": latin}), self.run_javac()
        self.assertEqual((compiled.status, compiled.stderr), (1, javac.stderr))
        self.assertTrue(compiled.stderr.endswith("^\n3 errors\n"), compiled.stderr)
        self.assert_error(compiled, type="CompileError", file="Main.java", line=2)
        self.assert_error(compiled, message="unmappable character (0xE9) for encoding UTF-8")
        self.assertEqual(self.compile({"Main.java": GREETING, "Other.java": b"class Other {} // \xe9\n"}).status, 1)

    def test_a_file_without_a_class_is_an_error(self):
        compiled = self.compile("// nothing\n")
        self.assertEqual((compiled.status, compiled.error["message"]), (1, "there is no class in this file"))

    def test_an_exception_has_the_frames_of_the_program(self):
        program = """import java.util.List;

public class Main {
    static class Shop {
        Shop(int n) { List.of(1).get(n); }
    }

    public static void main(String[] a) {
        try {
            List.of(4).forEach(Shop::new);
        } catch (RuntimeException cause) {
            throw new IllegalStateException("no: such", cause);
        }
    }
}
"""
        ended = self.run_program(program)
        self.assertEqual(ended.status, 1)
        self.assert_error(ended, type="java.lang.IllegalStateException", message="no: such")
        self.assertEqual(ended.error["frames"], [("Main.java", 12, "Main.main")])
        thrown = program.replace("catch (RuntimeException cause)", "catch (ArithmeticException cause)")
        self.assertEqual(
            self.run_program(thrown).error["frames"],
            [("Main.java", 5, "Main$Shop.<init>"), ("Main.java", 10, "Main.main")],
        )

    def test_an_exception_without_a_text_or_of_a_class_of_its_own_is_named(self):
        program = """package shop;

public class Main {
    static class Closed extends RuntimeException {}

    public static void main(String[] a) {
        throw new Closed();
    }
}
"""
        ended = self.run_program(program)
        self.assert_error(ended, type="shop.Main$Closed", message="")
        self.assertEqual(ended.error["frames"], [("Main.java", 7, "shop.Main.main")])

    def test_what_a_program_itself_prints_is_no_error(self):
        ended = self.run_program(GREETING.replace("System.out", "System.err").replace("hello", "Error: no file"))
        self.assertEqual((ended.stderr, ended.error), ("Error: no file\n", None))

    def test_a_text_of_several_lines_is_whole(self):
        program = """public class Main {
    public static void main(String[] a) {
        throw new IllegalStateException("no: such\\n\\n  at all", new RuntimeException("a\\nb"));
    }
}
"""
        ended = self.run_program(program)
        self.assert_error(ended, type="java.lang.IllegalStateException", message="no: such\n\n  at all")
        self.assertEqual(ended.error["frames"], [("Main.java", 3, "Main.main")])



class Options(JavaTest):
    """Of a request: words for the compiler."""

    def test_a_release_and_its_preview_features_are_those_asked_for(self):
        version = subprocess.run([self.language.tools()["javac"], "-version"], capture_output=True, text=True).stdout
        newest = re.search(r"\d+", version)[0]
        self.assertEqual(self.run_program(GREETING, compile_options=["--release=11"]).stdout, "hello\n")
        self.assertEqual(self.product_files()["classes/Main.class"][4:8], bytes([0, 0, 0, 55]))
        program = GREETING.replace(
            '"hello"', 'java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments()'
        )
        for options, started_with in (((), False), (["--enable-preview", "--release", newest], True)):
            with self.subTest(options):
                self.assertEqual(self.compile(program, options=options).status, 0)
                self.assertEqual("--enable-preview" in self.run_product().stdout, started_with)

    def test_warnings_and_names_of_parameters_are_there_on_request(self):
        program = """import java.util.*;
public class Main {
    public static void main(String[] words) throws Exception {
        List list = new ArrayList();
        System.out.println(Main.class.getMethod("main", String[].class).getParameters()[0].getName());
    }
}
"""
        self.assertEqual(self.run_program(program).stdout, "arg0\n")
        compiled = self.compile(program, options=["-Xlint:rawtypes", "-parameters"])
        self.assertIn("Main.java:4: warning: [rawtypes] found raw type: List", compiled.stderr)
        self.assertEqual(self.run_product().stdout, "words\n")

    def test_sources_are_read_in_the_encoding_asked_for(self):
        files = {"Main.java": GREETING.replace("hello", "\u00e9").encode("latin-1")}
        self.assert_error(self.compile(files), message="unmappable character (0xE9) for encoding UTF-8")
        self.assertEqual(self.compile(files, options=["-encoding", "ISO-8859-1"]).status, 0)
        self.assertEqual(self.run_product().stdout, "\u00e9\n")

    def test_one_that_the_compiler_refuses_is_an_error_of_its_own(self):
        for options, message in (
            (["--release", "99"], "release version 99 not supported"),
            (["-encoding", "none-such"], "unsupported encoding: none-such"),
            (["-Xlint:none-such"], "invalid flag: -Xlint:none-such"),
        ):
            with self.subTest(options):
                compiled = self.compile(GREETING, options=options)
                self.assertEqual(compiled.status, 2)
                self.assert_error(compiled, type="CompileError", message=message)


class Check(JavaTest):
    def test_a_correct_file_passes_and_a_wrong_one_does_not(self):
        self.write_files({"right.java": GREETING})
        self.assertEqual(self.check("right.java"), 0)
        self.write_files({"right.java": GREETING[:-2]})
        self.assertEqual(self.check("right.java"), 1)


if __name__ == "__main__":
    unittest.main()
