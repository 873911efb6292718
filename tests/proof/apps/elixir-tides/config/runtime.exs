import Config

if port = System.get_env("TIDES_PORT"), do: config(:tides, port: String.to_integer(port))
