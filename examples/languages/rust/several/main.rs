// A program of several files: the other one holds a function that this one calls.
mod twice;

fn main() {
    println!("twice 21 is {}", twice::twice(21));
}
