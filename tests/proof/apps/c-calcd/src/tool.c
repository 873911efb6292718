#include "calcd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIME_LIMIT 3 /* seconds */

static void child(char *const argv[], int in, int out)
{
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    /* the tools must read and write plain numbers, whatever our locale is */
    setenv("LC_ALL", "C", 1);
    setenv("BC_LINE_LENGTH", "0", 1);
    alarm(TIME_LIMIT);
    execv(argv[0], argv);
    _exit(127);
}

int tool_run(char *const argv[], const char *input, char *output, size_t size)
{
    int in[2], out[2], status;
    size_t used = 0;
    ssize_t n;

    if (pipe(in) < 0)
        return -1;
    if (pipe(out) < 0) {
        close(in[0]);
        close(in[1]);
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(in[1]);
        close(out[0]);
        child(argv, in[0], out[1]);
    }
    close(in[0]);
    close(out[1]);
    /* short enough for the buffer of the pipe */
    n = write(in[1], input, strlen(input));
    close(in[1]);
    while (used < size - 1 && (n = read(out[0], output + used, size - 1 - used)) > 0)
        used += n;
    close(out[0]);
    output[used] = '\0';
    output[strcspn(output, "\n")] = '\0';
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 && output[0] ? 0 : -1;
}
