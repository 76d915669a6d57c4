/** Compiled once while the compiler's classes are listed: most of what goes wrong in programs. */
public class Mistakes {
    interface Shape {
        double area();
    }

    static class Square implements Shape {}

    static int noReturn(int n) {}

    public static void main(String[] arguments) {
        int number = "text";
        final String text = undefined;
        text = "again";
        missing(number);
        text.missing();
        new Missing();
        int unset;
        System.out.println(unset + noReturn("x"));
        throw new Exception("unchecked");
    }
}
