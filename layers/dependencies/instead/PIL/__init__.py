"""In the place of Pillow, which reportlab imports for the images that it might be asked to draw."""

Image = None
