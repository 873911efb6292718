defmodule Tides.Application do
  use Application

  def start(_type, _args) do
    port = Application.fetch_env!(:tides, :port)
    Supervisor.start_link([{Tides.Server, port}], strategy: :one_for_one, name: Tides.Supervisor)
  end
end
