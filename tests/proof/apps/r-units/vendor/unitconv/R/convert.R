convert <- function(value, from, to) .Call(C_convert, as.double(value), from, to)
