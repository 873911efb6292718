/* Reads lists of lights (name, height, characteristic) and prints those of one coast. */
#include <stdio.h>
#include <string.h>

#define UNIT "ft"
#define FACTOR 3.28084

int main(int argc, char **argv) {
    if (argc < 4 || strcmp(argv[1], "-f") != 0) {
        fprintf(stderr, "lights -f FOLDER COAST\n");
        return 2;
    }
    char path[512], name[64], flash[64];
    double metres;
    snprintf(path, sizeof path, "%s/%s.txt", argv[2], argv[3]);
    FILE *list = fopen(path, "r");
    if (list == NULL) {
        fprintf(stderr, "no list of the coast %s\n", argv[3]);
        return 1;
    }
    while (fscanf(list, "%63s %lf %63s", name, &metres, flash) == 3)
        printf("%-12s %6.1f %s  %s\n", name, metres * FACTOR, UNIT, flash);
    fclose(list);
    return 0;
}
