import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.lang.model.element.Modifier;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticListener;
import javax.tools.ForwardingJavaFileObject;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compile PRODUCT ENTRY OPTION...: compiles the entry and all other .java files below the working directory, as javac does, but
 * for two things. A public class may be in a file of any name, because inline code has no name of its own. And the
 * name of the class to start is left in PRODUCT/main; the classes are in PRODUCT/classes. A program that may draw text
 * has a file PRODUCT/draws, one that needs preview features a file PRODUCT/preview.
 *
 * Without lambdas and streams, which cost a start of this kind more than they spare.
 */
public final class Compile {
    public static void main(String[] arguments) throws IOException {
        Path product = Path.of(arguments[0]);
        Path here = Path.of("").toAbsolutePath();
        Path entry = here.relativize(Path.of(arguments[1]));
        Path classes = Files.createDirectory(product.resolve("classes"));

        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        UnreadableText unreadable = new UnreadableText();
        List<String> given = Arrays.asList(arguments).subList(2, arguments.length);
        StandardJavaFileManager manager = compiler.getStandardFileManager(unreadable, null, encodingIn(given));
        List<SourceOfAnyName> sources = new ArrayList<>();
        for (JavaFileObject file : manager.getJavaFileObjectsFromPaths(sourcesFrom(entry))) {
            sources.add(new SourceOfAnyName(file));
        }
        String libraries = librariesIn(here);
        // A concatenation of strings that is linked at run time adds 20 ms to the start of the program.
        List<String> options = new ArrayList<>(given);
        options.addAll(List.of("-d", classes.toString(), "-cp", libraries, "-proc:none", "-XDstringConcat=inline"));
        JavacTask task;
        try {
            task = (JavacTask) compiler.getTask(null, manager, null, options, null, sources);
        } catch (IllegalArgumentException mistake) {
            refuse(mistake.getMessage());
            return;
        }
        MainClass mainClass = new MainClass(sources.get(0));
        task.addTaskListener(mainClass);
        task.addTaskListener(unreadable);
        if (!task.call()) {
            System.exit(1);
        }
        if (mainClass.name == null) {
            System.err.println(entry + ":1: error: there is no class in this file");
            System.exit(1);
        }
        Files.writeString(product.resolve("main"), mainClass.name + "\n");
        boolean mayDrawText = !libraries.isEmpty();
        for (SourceOfAnyName source : sources) {
            mayDrawText |= source.namesGraphics;
        }
        if (given.contains("--enable-preview")) {
            Files.createFile(product.resolve("preview"));
        }
        if (mayDrawText) {
            Files.createFile(product.resolve("draws"));
        }
    }

    /** Ends as javac does when it is called in a wrong way. */
    private static void refuse(String mistake) {
        System.err.println(mistake.startsWith("error: ") ? mistake : "error: " + mistake);
        System.exit(2);
    }

    /** That of the sources, which the compiler itself leaves to the file manager. */
    private static Charset encodingIn(List<String> options) {
        int at = options.lastIndexOf("-encoding");
        if (at < 0) {
            return StandardCharsets.UTF_8;
        }
        String name = options.get(at + 1);
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException unknown) {
            refuse("unsupported encoding: " + name);
            return null;
        }
    }

    private static String librariesIn(Path folder) throws IOException {
        List<String> libraries = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path library : found) {
                libraries.add(library.toString());
            }
        }
        libraries.sort(null);
        return String.join(File.pathSeparator, libraries);
    }

    /** The entry, then the other sources in the order of their names. */
    private static List<Path> sourcesFrom(Path entry) throws IOException {
        List<Path> others = new ArrayList<>();
        Path here = Path.of("");
        Files.walkFileTree(here.toAbsolutePath(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                Path name = here.toAbsolutePath().relativize(file);
                if (attributes.isRegularFile() && name.toString().endsWith(".java") && !name.equals(entry)) {
                    others.add(name);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        others.sort(null);
        others.add(0, entry);
        return others;
    }

    /**
     * Ends the compilation of text that is not UTF-8 before the classes are looked at, as javac does. In a compilation
     * that is started like ours it is reported as an error and not taken for one.
     */
    private static final class UnreadableText implements DiagnosticListener<JavaFileObject>, TaskListener {
        private int count;

        @Override
        public void report(Diagnostic<? extends JavaFileObject> diagnostic) {
            System.err.println(diagnostic);
            count += diagnostic.getKind() == Diagnostic.Kind.ERROR ? 1 : 0;
        }

        @Override
        public void started(TaskEvent event) {
            if (count > 0 && event.getKind() == TaskEvent.Kind.ENTER) {
                System.err.println(count == 1 ? "1 error" : count + " errors");
                System.exit(1);
            }
        }
    }

    /** A source, whatever its name, that may hold a public class of another name. */
    private static final class SourceOfAnyName extends ForwardingJavaFileObject<JavaFileObject> {
        private boolean namesGraphics;

        SourceOfAnyName(JavaFileObject file) {
            super(file);
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) throws IOException {
            CharSequence content = super.getCharContent(ignoreEncodingErrors);
            String text = content.toString();
            namesGraphics = text.contains("java.awt") || text.contains("javax.swing");
            return content;
        }

        @Override
        public Kind getKind() {
            return Kind.SOURCE;
        }

        @Override
        public boolean isNameCompatible(String name, Kind kind) {
            // The compiler asks the same question to recognize package-info and module-info, which are no classes.
            return name.endsWith("-info") ? super.isNameCompatible(name, kind) : kind == Kind.SOURCE;
        }
    }

    /**
     * Finds the class to start among those of the entry: the best by its main method, of equals a public one, of those
     * the first. One without a main method is found too: the JVM says what is missing better than we would.
     */
    private static final class MainClass implements TaskListener {
        private final JavaFileObject entry;
        private int rank = -1;
        private String name;

        MainClass(JavaFileObject entry) {
            this.entry = entry;
        }

        @Override
        public void finished(TaskEvent event) {
            if (event.getKind() != TaskEvent.Kind.PARSE || !entry.getName().equals(event.getSourceFile().getName())) {
                return;
            }
            CompilationUnitTree unit = event.getCompilationUnit();
            String prefix = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
            for (Tree declaration : unit.getTypeDecls()) {
                if (declaration instanceof ClassTree) {
                    ClassTree type = (ClassTree) declaration;
                    int found = 2 * rankOfMain(type) + (isPublic(type) ? 1 : 0);
                    if (found > rank) {
                        rank = found;
                        name = prefix + type.getSimpleName();
                    }
                }
            }
        }

        private static boolean isPublic(ClassTree type) {
            return type.getModifiers().getFlags().contains(Modifier.PUBLIC);
        }

        /** 2 for the main method that every JVM takes, 1 for one that newer ones take, 0 for none. */
        private static int rankOfMain(ClassTree type) {
            int best = 0;
            for (Tree member : type.getMembers()) {
                if (!(member instanceof MethodTree) || !((MethodTree) member).getName().contentEquals("main")) {
                    continue;
                }
                MethodTree method = (MethodTree) member;
                List<? extends VariableTree> parameters = method.getParameters();
                boolean takesArguments = parameters.size() == 1
                    && parameters.get(0).getType().toString().matches("(java\\.lang\\.)?String(\\[\\]|\\.\\.\\.)");
                boolean isStatic = method.getModifiers().getFlags().contains(Modifier.STATIC);
                if (takesArguments && isStatic) {
                    best = 2;
                } else if (takesArguments || parameters.isEmpty()) {
                    best = Math.max(best, 1);
                }
            }
            return best;
        }
    }
}
