// An uncaught exception in a method, line 4, that main calls.
public class RuntimeError {
    private static int average(int[] readings) {
        return java.util.Arrays.stream(readings).sum() / readings.length;
    }

    public static void main(String[] arguments) {
        System.out.println(average(new int[0]));
    }
}
