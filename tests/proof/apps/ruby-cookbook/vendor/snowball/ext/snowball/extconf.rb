require "mkmf"

unless have_header("libstemmer.h") && have_library("stemmer", "sb_stemmer_new")
  abort "libstemmer is missing, on Debian: apt-get install libstemmer-dev"
end

create_makefile("snowball/snowball")
