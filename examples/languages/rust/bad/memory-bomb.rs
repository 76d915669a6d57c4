// Takes 16 MiB after 16 MiB and writes on all of it; the program aborts where memory is refused.
fn main() {
    let mut blocks = Vec::new();
    loop {
        blocks.push(vec![b'x'; 16 << 20]);
        assert_eq!(blocks[blocks.len() - 1][blocks.len()], b'x');
    }
}
