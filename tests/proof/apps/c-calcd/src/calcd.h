#ifndef CALCD_H
#define CALCD_H

#include <stddef.h>

struct settings {
    int port, digits;
    const char *log, *bc, *units;
};

/* Runs a program with `input` on its standard input and keeps what it prints.
 * Returns 0 if it ended well, in time, and printed something. */
int tool_run(char *const argv[], const char *input, char *output, size_t size);

/* Called for every request: fills in the body, returns the status. */
typedef int (*http_handler)(const char *path, const char *query, char *body, size_t size);

/* Serves until SIGTERM or SIGINT; returns -1 if the port cannot be used. */
int http_serve(int port, http_handler handler);

/* The decoded value of a query parameter; returns 0 if it is there and fits. */
int http_parameter(const char *query, const char *name, char *value, size_t size);

#endif
