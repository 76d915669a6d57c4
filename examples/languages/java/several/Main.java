// A program of several files: the other one holds a function that this one calls.
import tools.Twice;

public class Main {
    public static void main(String[] arguments) {
        System.out.println("twice 21 is " + Twice.twice(21));
    }
}
