require "yaml"

require_relative "cookbook/library"
require_relative "cookbook/server"

module Cookbook
  def self.site
    @site ||= YAML.safe_load_file(ENV.fetch("COOKBOOK_CONFIG", "config/site.yml"))
  end

  def self.library
    Library.new(dir: site.fetch("recipes"), index: site.fetch("index"), language: site.fetch("language"))
  end
end
