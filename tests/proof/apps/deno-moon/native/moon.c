#include <math.h>

/* Days since the last new moon, of seconds since 1970; 2000-01-06 18:14 UTC was one. */
double moon_age(double seconds)
{
    double days = (seconds - 947182440.0) / 86400.0;
    double age = fmod(days, 29.530588853);
    return age < 0 ? age + 29.530588853 : age;
}
