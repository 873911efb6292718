/* The shadow of a sundial in Lisbon, as text: for a moment in seconds, or for now. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
    time_t moment = argc > 1 ? (time_t)atoll(argv[1]) : time(NULL);
    struct tm *local = localtime(&moment);
    if (local == NULL) {
        fprintf(stderr, "sundial: no such moment\n");
        return 1;
    }
    char text[64];
    strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", local);
    double hour = local->tm_hour + local->tm_min / 60.0;
    double latitude = 38.72 * acos(-1.0) / 180.0;
    double angle = atan(sin(latitude) * tan((hour - 12.0) * acos(-1.0) / 12.0)) * 180.0 / acos(-1.0);
    printf("%s: %.1f degrees\n", text, angle);
    return 0;
}
