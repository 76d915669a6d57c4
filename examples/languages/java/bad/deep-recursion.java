// Calls itself without end; the runtime throws a StackOverflowError, at line 4.
public class DeepRecursion {
    private static int depth(int level) {
        return 1 + depth(level + 1);
    }

    public static void main(String[] arguments) {
        System.out.println(depth(1));
    }
}
