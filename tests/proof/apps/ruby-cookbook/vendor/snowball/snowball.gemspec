Gem::Specification.new do |s|
  s.name = "snowball"
  s.version = "0.2.0"
  s.summary = "Word stems by Snowball's libstemmer"
  s.authors = ["Cookbook"]
  s.license = "MIT"
  s.homepage = "https://example.org/snowball"
  s.required_ruby_version = ">= 3.1"
  s.files = ["lib/snowball.rb", "ext/snowball/extconf.rb", "ext/snowball/snowball.c"]
  s.extensions = ["ext/snowball/extconf.rb"]
end
