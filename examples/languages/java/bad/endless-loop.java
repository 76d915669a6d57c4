// Uses CPU time and never ends.
public class EndlessLoop {
    public static void main(String[] arguments) {
        long count = 0;
        while (true) {
            count++;
        }
    }
}
