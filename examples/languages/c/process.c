// What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **words) {
    char folder[100], line[100];
    if (getcwd(folder, sizeof folder) == NULL || fgets(line, sizeof line, stdin) == NULL) {
        return 1;
    }
    for (int i = 1; i < count; i++) {
        printf(i == 1 ? "%s" : "|%s", words[i]);
    }
    printf("\n%s\n%s\n%s", getenv("GREETING"), folder, line);
    fflush(stdout);
    fputs("to stderr\n", stderr);
    usleep(300000);
    puts("end");
    return 7;
}
