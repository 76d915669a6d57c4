// Reads the file of the request's parameters and data, and adds lines of JSON to the file of results.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_named(const char *variable, const char *mode) {
    const char *path = getenv(variable);
    FILE *file = path == NULL ? NULL : fopen(path, mode);
    if (file == NULL) {
        perror(variable);
        exit(1);
    }
    return file;
}

// What follows a field's name and colon. Enough for data of a known shape; it is no parser of JSON.
static const char *field(const char *text, const char *name) {
    const char *found = strstr(text, name);
    if (found == NULL) {
        fprintf(stderr, "there is no field %s\n", name);
        exit(1);
    }
    found += strlen(name);
    return found + strspn(found, ": ");
}

int main(void) {
    static char input[64 * 1024];
    FILE *file = open_named("GLOVEBOX_INPUT", "r");
    size_t length = fread(input, 1, sizeof input - 1, file);
    input[length] = '\0';
    fclose(file);

    long factor = strtol(field(input, "\"factor\""), NULL, 10);
    const char *station = field(input, "\"station\"") + 1;
    int station_length = (int)strcspn(station, "\"");

    long total = 0, largest = 0;
    char *next = (char *)field(input, "\"readings\"");
    while (*next == '[' || *next == ',') {
        long scaled = factor * strtol(next + 1, &next, 10);
        total += scaled;
        largest = scaled > largest ? scaled : largest;
    }
    printf("%.*s: %ld\n", station_length, station, total);

    FILE *results = open_named("GLOVEBOX_RESULTS", "a");
    fprintf(results, "{\"name\": \"station\", \"value\": \"%.*s\"}\n", station_length, station);
    fprintf(results, "{\"name\": \"total\", \"value\": %ld}\n", total);
    fprintf(results, "{\"name\": \"largest\", \"value\": %ld}\n", largest);
    return fclose(results) == 0 ? 0 : 1;
}
