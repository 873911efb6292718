package Text::Stem;

use strict;
use warnings;

our $VERSION = '0.11';

require XSLoader;
XSLoader::load('Text::Stem', $VERSION);

1;

__END__

=head1 NAME

Text::Stem - the stem of a word, by libstemmer
