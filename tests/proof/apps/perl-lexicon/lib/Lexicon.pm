package Lexicon;

use strict;
use warnings;
use Text::Stem;

sub new {
    my ($class, %given) = @_;
    my $self = bless {%given, entries => {}}, $class;
    open my $file, '<:encoding(UTF-8)', $given{file} or die "$given{file}: $!";
    while (my $line = <$file>) {
        chomp $line;
        my ($word, $meaning) = split /\t/, $line, 2;
        push @{ $self->{entries}{ $self->stem($word) } }, [$word, $meaning];
    }
    return $self;
}

sub stem { my ($self, $word) = @_; return Text::Stem::stem($self->{language}, lc $word) }

sub size { my ($self) = @_; return scalar map {@$_} values %{ $self->{entries} } }

sub words { my ($self) = @_; return sort map { $_->[0] } map {@$_} values %{ $self->{entries} } }

sub find { my ($self, $word) = @_; return @{ $self->{entries}{ $self->stem($word) } || [] } }

1;
