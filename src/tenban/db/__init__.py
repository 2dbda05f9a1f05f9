"""Engine, migrations, writer, wake-ups and blobs. Knows no shop word."""
