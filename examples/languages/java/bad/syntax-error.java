// A syntax error: line 4 has no semicolon.
public class SyntaxError {
    public static void main(String[] arguments) {
        int total = 3 + 5
        System.out.println(total);
    }
}
