#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>
#include <udunits2.h>

static ut_system *units = NULL;

static ut_unit *parsed(SEXP text) {
    ut_unit *unit = ut_parse(units, CHAR(STRING_ELT(text, 0)), UT_UTF8);
    if (unit == NULL) Rf_error("no such unit: %s", CHAR(STRING_ELT(text, 0)));
    return unit;
}

SEXP convert(SEXP value, SEXP from, SEXP to) {
    if (units == NULL) {
        ut_set_error_message_handler(ut_ignore);
        units = ut_read_xml(NULL);
    }
    if (units == NULL) Rf_error("the table of units is missing");
    ut_unit *one = parsed(from), *other = parsed(to);
    cv_converter *between = ut_get_converter(one, other);
    if (between == NULL) Rf_error("these units do not go together");
    SEXP result = PROTECT(Rf_ScalarReal(cv_convert_double(between, Rf_asReal(value))));
    cv_free(between);
    ut_free(one);
    ut_free(other);
    UNPROTECT(1);
    return result;
}

static const R_CallMethodDef calls[] = {{"C_convert", (DL_FUNC) &convert, 3}, {NULL, NULL, 0}};

void R_init_unitconv(DllInfo *info) {
    R_registerRoutines(info, NULL, calls, NULL, NULL);
    R_useDynamicSymbols(info, FALSE);
}
