/* calcd: a pocket calculator over HTTP. The arithmetic is left to bc and units;
 * calcd prints the results the way people of the current locale write numbers. */
#include "calcd.h"

#include <libconfig.h>
#include <locale.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct settings settings = {.port = 7070, .digits = 2, .log = "calcd.log", .bc = "bc", .units = "units"};
static FILE *log_file;

/* The tools write "1.5"; strtold() and printf() go by the locale, "1,5". */
static int format(const char *number, char *body, size_t size)
{
    char local[512], *end, *point;

    snprintf(local, sizeof local, "%s", number);
    if ((point = strchr(local, '.')))
        *point = *localeconv()->decimal_point;
    long double value = strtold(local, &end);
    if (end == local || *end)
        return -1;
    snprintf(body, size, "%'.*Lf\n", settings.digits, value);
    return 0;
}

static int calculate(const char *query, char *body, size_t size)
{
    char expression[256], input[300], result[512];
    char *argv[] = {(char *)settings.bc, "-q", NULL};

    if (http_parameter(query, "e", expression, sizeof expression) < 0 ||
        expression[strspn(expression, "0123456789+-*/^%(). ")] != '\0') {
        snprintf(body, size, "not an expression\n");
        return 400;
    }
    snprintf(input, sizeof input, "scale = 12\n%s\n", expression);
    if (tool_run(argv, input, result, sizeof result) < 0 || format(result, body, size) < 0) {
        snprintf(body, size, "bc failed: %.200s\n", result);
        return 500;
    }
    return 200;
}

static int convert(const char *query, char *body, size_t size)
{
    char from[100], to[100], result[512];
    char *argv[] = {(char *)settings.units, "--terse", "--", from, to, NULL};

    if (http_parameter(query, "from", from, sizeof from) < 0 || http_parameter(query, "to", to, sizeof to) < 0) {
        snprintf(body, size, "from what to what?\n");
        return 400;
    }
    if (tool_run(argv, "", result, sizeof result) < 0 || format(result, body, size) < 0) {
        snprintf(body, size, "units failed: %.200s\n", result);
        return 422;
    }
    return 200;
}

static int handle(const char *path, const char *query, char *body, size_t size)
{
    int status = 404;

    if (strcmp(path, "/calc") == 0)
        status = calculate(query, body, size);
    else if (strcmp(path, "/convert") == 0)
        status = convert(query, body, size);
    else if (strcmp(path, "/status") == 0) {
        const struct passwd *user = getpwuid(geteuid());
        status = 200;
        snprintf(body, size, "calcd %s\nuser %s\nlocale %s\n", VERSION, user ? user->pw_name : "?",
                 setlocale(LC_NUMERIC, NULL));
    } else
        snprintf(body, size, "try /calc?e=1/3 or /convert?from=mile&to=km\n");
    fprintf(log_file, "%s %d\n", path, status);
    return status;
}

static int load(config_t *config, const char *file)
{
    if (!config_read_file(config, file)) {
        fprintf(stderr, "calcd: %s:%d: %s\n", file, config_error_line(config), config_error_text(config));
        return -1;
    }
    config_lookup_int(config, "port", &settings.port);
    config_lookup_int(config, "digits", &settings.digits);
    config_lookup_string(config, "log", &settings.log);
    config_lookup_string(config, "tools.bc", &settings.bc);
    config_lookup_string(config, "tools.units", &settings.units);
    return 0;
}

int main(int argc, char **argv)
{
    config_t config;

    if (argc != 3 || strcmp(argv[1], "-c") != 0) {
        fprintf(stderr, "usage: calcd -c FILE\n");
        return 2;
    }
    if (!setlocale(LC_ALL, ""))
        fprintf(stderr, "calcd: this locale is not installed, numbers will look English\n");
    config_init(&config);
    if (load(&config, argv[2]) < 0)
        return 1;
    log_file = fopen(settings.log, "a");
    if (!log_file) {
        perror(settings.log);
        return 1;
    }
    setvbuf(log_file, NULL, _IOLBF, 0);
    if (http_serve(settings.port, handle) < 0) {
        fprintf(stderr, "calcd: cannot use port %d\n", settings.port);
        return 1;
    }
    fclose(log_file);
    config_destroy(&config);
    return 0;
}
