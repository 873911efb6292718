require "erb"
require "socket"
require "uri"

module Cookbook
  # Just enough HTTP for a kitchen.
  class Server
    include ERB::Util

    REASONS = { 200 => "OK", 404 => "Not Found", 405 => "Method Not Allowed", 500 => "Internal Server Error" }.freeze

    def initialize(library, site)
      @library = library
      @site = site
    end

    def run
      server = TCPServer.new("0.0.0.0", @site.fetch("port"))
      %w[INT TERM].each { |signal| trap(signal) { exit } }
      warn "listening on port #{@site["port"]}"
      loop { Thread.new(server.accept) { |client| converse(client) } }
    end

    private

    def converse(client)
      verb, target = client.gets&.split
      return unless target

      nil until client.gets.to_s.strip.empty?
      status, body = verb == "GET" ? route(URI(target)) : [405, "only GET\n"]
      client.write "HTTP/1.1 #{status} #{REASONS[status]}\r\nContent-Type: text/html; charset=utf-8\r\n" \
                   "Content-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n", body
    rescue SystemCallError, IOError => e
      warn "client: #{e.message}"
    ensure
      client.close
    end

    def route(uri)
      case uri.path
      when "/"
        [200, page("list", recipes: @library.all, question: nil)]
      when "/search"
        question = URI.decode_www_form(uri.query.to_s).to_h["q"].to_s
        [200, page("list", recipes: @library.search(question), question: question)]
      when %r{\A/recipes/([a-z-]+)\z}
        recipe = @library.find($1)
        recipe ? [200, page("recipe", recipe: recipe)] : [404, page("missing")]
      else
        [404, page("missing")]
      end
    rescue StandardError => e
      warn e.full_message
      [500, "sorry\n"]
    end

    def page(name, **values)
      render("layout", content: render(name, **values))
    end

    def render(name, **values)
      template = ERB.new(File.read("views/#{name}.erb"), trim_mode: "-")
      scope = binding
      values.each { |key, value| scope.local_variable_set(key, value) }
      template.result(scope)
    end
  end
end
