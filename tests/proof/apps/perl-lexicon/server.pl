#!/usr/bin/env perl
use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use IO::Socket::INET;
use lib 'lib';
use Lexicon;

binmode STDOUT, ':utf8';
$| = 1;
$SIG{TERM} = sub { exit 0 };

my $lexicon = Lexicon->new(file => 'data/words.txt', language => $ENV{LEXICON_LANGUAGE} || 'english');
my $listener = IO::Socket::INET->new(LocalPort => 5080, Listen => 16, ReuseAddr => 1) or die "cannot listen: $!";
print "lexicon with ", $lexicon->size, " entries on 5080\n";

while (my $client = $listener->accept) {
    my $request = <$client> // '';
    while (defined(my $line = <$client>)) { last if $line =~ /^\r?\n$/ }
    my ($path) = $request =~ m{^GET (/\S*)};
    my ($status, $body) = defined $path ? answer($path) : ('400 Bad Request', "bad request\n");
    $body = encode('UTF-8', $body);
    print {$client} "HTTP/1.1 $status\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ", length $body, "\r\nConnection: close\r\n\r\n", $body;
    close $client;
}

sub answer {
    my ($path) = @_;
    return ('200 OK', page(join '', map {"<li>$_</li>"} $lexicon->words)) if $path eq '/';
    $path =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    my ($word) = decode('UTF-8', $path) =~ m{^/word/(.+)$};
    my @found = defined $word ? $lexicon->find($word) : ();
    return @found ? ('200 OK', page(join '', map {"<li>$_->[0]: $_->[1]</li>"} @found)) : ('404 Not Found', "no such word\n");
}

sub page {
    my ($list) = @_;
    open my $file, '<:encoding(UTF-8)', 'views/page.html' or die "views/page.html: $!";
    my $text = do { local $/; <$file> };
    $text =~ s/\{list\}/$list/;
    return $text;
}
