// Part of every program in C and C++: what a program prints is to be seen line by line, and not to be lost with the
// program, although stdout is a pipe. Before any constructor, because those of the program may print.
#include <stdio.h>

static void line_buffered(void) { setvbuf(stdout, NULL, _IOLBF, BUFSIZ); }

__attribute__((section(".preinit_array"), used)) static void (*const before_constructors)(void) = line_buffered;
