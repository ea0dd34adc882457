"""The viewer: pages, lists, pictures and labels over real HTTP; slow ones in a real browser."""
