require "json"
require "snowball"

module Cookbook
  Recipe = Struct.new(:slug, :title, :updated, :text, keyword_init: true)

  # The recipes, one Markdown file each: a title, the time of the last change
  # (seconds since 1970) and the text; and their index, made once by bin/index.
  class Library
    def initialize(dir:, index:, language:)
      @dir = dir
      @index = index
      @stemmer = Snowball.new(language)
    end

    def slugs
      Dir.children(@dir).grep(/\.md\z/).map { |name| File.basename(name, ".md") }.sort
    end

    def find(slug)
      return unless slugs.include?(slug)

      title, updated, text = File.read(File.join(@dir, "#{slug}.md")).split("\n", 3)
      Recipe.new(slug: slug, title: title.delete_prefix("# "), updated: Time.at(Integer(updated)), text: text.strip)
    end

    def all
      slugs.map { |slug| find(slug) }
    end

    def write_index
      stems = Hash.new { |hash, stem| hash[stem] = [] }
      all.each do |recipe|
        @stemmer.stems("#{recipe.title} #{recipe.text}").uniq.each { |stem| stems[stem] << recipe.slug }
      end
      File.write(@index, JSON.generate(stems))
      stems.size
    end

    # Recipes that have all the words of the question, in any form.
    def search(question)
      postings = JSON.parse(File.read(@index))
      found = @stemmer.stems(question).map { |stem| postings.fetch(stem, []) }
      (found.reduce(:&) || []).sort.map { |slug| find(slug) }
    end
  end
end
