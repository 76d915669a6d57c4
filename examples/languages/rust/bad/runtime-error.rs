// A panic in a function, line 3, that main calls.
fn first(readings: &[i32]) -> i32 {
    *readings.first().unwrap()
}

fn main() {
    println!("{}", first(&[]));
}
