require "ecr"
require "http/server"
require "./ledger/book"

# Shows the accounts of a year and their balances.
book = Ledger::Book.new(ENV.fetch("LEDGER_FILE", "data/2024.yml"))

server = HTTP::Server.new do |context|
  request, response = context.request, context.response
  response.content_type = "text/html; charset=utf-8"
  case request.path
  when "/"
    accounts = book.balances
    ECR.embed "views/accounts.ecr", response
  when %r{\A/account/(\w+)\z}
    balance = book.balances[$1]?
    response.status = HTTP::Status::NOT_FOUND unless balance
    response.print balance ? "#{$1}: #{balance}\n" : "no such account\n"
  else
    response.respond_with_status(404)
  end
end

Signal::TERM.trap { server.close }
server.bind_tcp "0.0.0.0", 8060
server.listen
