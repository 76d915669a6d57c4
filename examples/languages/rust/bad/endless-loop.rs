// Uses CPU time and never ends.
fn main() {
    let mut count: u64 = 0;
    loop {
        count = count.wrapping_add(1);
    }
}
