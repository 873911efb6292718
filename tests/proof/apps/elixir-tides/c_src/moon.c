#include <erl_nif.h>
#include <math.h>

/* A cosine with the mean lunar half day of 745 minutes. */
static ERL_NIF_TERM height(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    int range, minutes;

    if (!enif_get_int(env, argv[0], &range) || !enif_get_int(env, argv[1], &minutes))
        return enif_make_badarg(env);
    return enif_make_int(env, (int)lround(range / 2.0 * (1 + cos(2 * M_PI * minutes / 745.0))));
}

static ErlNifFunc functions[] = {{"height", 2, height, 0}};

ERL_NIF_INIT(Elixir.Tides.Moon, functions, NULL, NULL, NULL, NULL)
