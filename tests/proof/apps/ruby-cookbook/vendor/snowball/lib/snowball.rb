require "snowball/snowball"

class Snowball
  # The stems of the words of a text, in their order.
  def stems(text)
    text.downcase.scan(/[[:alpha:]]+/).map { |word| stem(word) }
  end
end
