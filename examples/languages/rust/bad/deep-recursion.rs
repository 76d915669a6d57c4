// Calls itself without end, and no compiler can make a loop of it; the stack overflows and the program aborts.
#![allow(unconditional_recursion)]

fn depth(level: u64) -> u64 {
    let below = depth(level + 1);
    // Read where it lies in the frame of this call, so that every call needs a frame of its own.
    below + unsafe { std::ptr::read_volatile(&level) }
}

fn main() {
    println!("{}", depth(1));
}
