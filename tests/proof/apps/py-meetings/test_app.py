from app.main import convert


def test_convert():
    assert convert("2024-07-01T12:00", "Asia/Tokyo")["local"].startswith("2024-07-01T21:00")
