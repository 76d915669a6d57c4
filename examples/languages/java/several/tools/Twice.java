package tools;

public class Twice {
    public static int twice(int number) {
        return 2 * number;
    }
}
