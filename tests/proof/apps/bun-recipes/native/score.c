#include <ctype.h>
#include <string.h>

/* How often a word stands in a text, whatever its case. */
int score(const char *text, const char *word)
{
    size_t length = strlen(word);
    int found = 0;
    for (; length && *text; text++) {
        size_t index = 0;
        while (index < length && tolower((unsigned char)text[index]) == tolower((unsigned char)word[index]))
            index++;
        found += index == length;
    }
    return found;
}
