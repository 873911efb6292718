#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"
#include <libstemmer.h>

MODULE = Text::Stem  PACKAGE = Text::Stem

SV *
stem(language, word)
    const char *language
    SV *word
  PREINIT:
    struct sb_stemmer *stemmer;
    STRLEN length;
    const char *text;
  CODE:
    stemmer = sb_stemmer_new(language, "UTF_8");
    if (stemmer == NULL)
        croak("no stemmer for %s", language);
    text = SvPVutf8(word, length);
    text = (const char *)sb_stemmer_stem(stemmer, (const sb_symbol *)text, (int)length);
    RETVAL = newSVpvn(text, sb_stemmer_length(stemmer));
    SvUTF8_on(RETVAL);
    sb_stemmer_delete(stemmer);
  OUTPUT:
    RETVAL
