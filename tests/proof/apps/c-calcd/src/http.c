#include "calcd.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

int http_parameter(const char *query, const char *name, char *value, size_t size)
{
    size_t length = strlen(name), n = 0;

    while (query && !(strncmp(query, name, length) == 0 && query[length] == '=')) {
        query = strchr(query, '&');
        if (query)
            query++;
    }
    if (!query)
        return -1;
    for (const char *p = query + length + 1; *p && *p != '&'; p++) {
        if (n + 1 >= size)
            return -1;
        if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
            char hex[3] = {p[1], p[2], '\0'};
            value[n++] = (char)strtol(hex, NULL, 16);
            p += 2;
        } else {
            value[n++] = *p == '+' ? ' ' : *p;
        }
    }
    value[n] = '\0';
    return 0;
}

static void answer(int fd, http_handler handler)
{
    char request[4096], body[4096] = "", target[2048];
    size_t used = 0;
    ssize_t n;

    do {
        n = read(fd, request + used, sizeof request - 1 - used);
        if (n <= 0)
            return;
        used += n;
        request[used] = '\0';
    } while (!strstr(request, "\r\n\r\n") && used < sizeof request - 1);

    int status = 400;
    if (sscanf(request, "GET %2047s HTTP/1.", target) == 1) {
        char *query = strchr(target, '?');
        if (query)
            *query++ = '\0';
        status = handler(target, query, body, sizeof body);
    } else {
        snprintf(body, sizeof body, "only GET\n");
    }
    dprintf(fd,
            "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
            status, status == 200 ? "OK" : "Error", strlen(body), body);
}

int http_serve(int port, http_handler handler)
{
    struct sigaction action = {.sa_handler = stop}; /* no SA_RESTART: accept() must return */
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = INADDR_ANY};
    int yes = 1, server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 16) < 0) {
        close(server);
        return -1;
    }
    while (!stopped) {
        struct timeval patience = {.tv_sec = 5};
        int client = accept4(server, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        answer(client, handler);
        close(client);
    }
    close(server);
    return 0;
}
