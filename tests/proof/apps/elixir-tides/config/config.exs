import Config

config :tides, port: 4040
config :logger, level: :info
