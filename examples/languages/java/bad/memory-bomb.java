// Takes 16 MiB after 16 MiB and writes on all of it; an OutOfMemoryError ends it when the heap is full.
import java.util.ArrayList;
import java.util.Arrays;

public class MemoryBomb {
    public static void main(String[] arguments) {
        var blocks = new ArrayList<byte[]>();
        while (true) {
            var block = new byte[16 << 20];
            Arrays.fill(block, (byte) 'x');
            blocks.add(block);
        }
    }
}
