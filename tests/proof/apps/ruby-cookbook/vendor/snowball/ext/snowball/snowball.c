#include <libstemmer.h>
#include <ruby.h>
#include <ruby/encoding.h>

static void stemmer_free(void *p)
{
    sb_stemmer_delete(p);
}

static const rb_data_type_t stemmer_type = {
    .wrap_struct_name = "snowball",
    .function = {.dfree = stemmer_free},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static VALUE stemmer_alloc(VALUE klass)
{
    return TypedData_Wrap_Struct(klass, &stemmer_type, NULL);
}

static VALUE stemmer_initialize(VALUE self, VALUE language)
{
    struct sb_stemmer *stemmer = sb_stemmer_new(StringValueCStr(language), NULL);

    if (!stemmer)
        rb_raise(rb_eArgError, "no stemmer for %" PRIsVALUE, language);
    stemmer_free(DATA_PTR(self));
    DATA_PTR(self) = stemmer;
    return self;
}

static VALUE stemmer_stem(VALUE self, VALUE word)
{
    struct sb_stemmer *stemmer;

    TypedData_Get_Struct(self, struct sb_stemmer, &stemmer_type, stemmer);
    if (!stemmer)
        rb_raise(rb_eArgError, "not initialized");
    StringValue(word);
    const sb_symbol *stem =
        sb_stemmer_stem(stemmer, (const sb_symbol *)RSTRING_PTR(word), (int)RSTRING_LEN(word));
    return rb_utf8_str_new((const char *)stem, sb_stemmer_length(stemmer));
}

void Init_snowball(void)
{
    VALUE klass = rb_define_class("Snowball", rb_cObject);

    rb_define_alloc_func(klass, stemmer_alloc);
    rb_define_method(klass, "initialize", stemmer_initialize, 1);
    rb_define_method(klass, "stem", stemmer_stem, 1);
}
