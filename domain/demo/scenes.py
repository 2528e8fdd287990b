"""What the drawn pictures show: a drain with a branch in it, a bin, planters, a pothole, wires, a full corridor …

Every scene is drawn as it was found, and as it was mended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from PIL import Image

from domain.demo.brush import CLAY, HEIGHT, INK, LEAF, RED, STEEL, STREET, WALL, WATER, WIDTH, WOOD, Sheet, shade

Scene = Callable[[Random, bool], Image.Image]


def drain(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, (178, 186, 184), STREET, 0.25)
    sheet.tiles(190, STREET)
    if not mended:
        sheet.blob(500, 520, 360, WATER)
    sheet.box((320, 400, 680, 580), STEEL)
    for x in range(350, 670, 44):
        sheet.line(((x, 415), (x, 565)), shade(INK, 20), 16)
    if not mended:
        sheet.line(((240, 600), (430, 470), (640, 430), (760, 330)), WOOD, 26)
        for x, y in ((430, 470), (560, 445), (660, 410)):
            sheet.line(((x, y), (x + 50, y - 90)), WOOD, 12)
        sheet.scatter((300, 380, 760, 600), 26, LEAF)
    return sheet.done()


def garbage(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, WALL, STREET, 0.5)
    sheet.tiles(370, STREET)
    for x, colour in ((250, (70, 110, 150)), (500, (92, 124, 88))):
        sheet.shadow((x - 20, 560, x + 240, 620))
        sheet.shape(((x, 300), (x + 200, 300), (x + 180, 590), (x + 20, 590)), colour)
        lid = ((x - 10, 300), (x + 210, 300), (x + 210, 274), (x - 10, 274))
        tipped = ((x - 10, 300), (x + 16, 306), (x - 40, 120), (x - 66, 128))
        sheet.shape(lid if mended else tipped, shade(colour, -25))
    if not mended:
        sheet.scatter((250, 250, 700, 320), 12, (214, 210, 200), 44)
        sheet.scatter((150, 560, 860, 680), 20, (196, 188, 170), 30)
    return sheet.done()


def planters(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, (186, 204, 212), STREET, 0.42)
    sheet.box((0, 250, WIDTH, 310), shade(WALL, -20))
    for x in range(40, WIDTH, 120):
        sheet.box((x, 180, x + 26, 310), shade(WALL, -8))
    for number, x in enumerate((150, 420, 690)):
        if mended or number == 1:
            sheet.shape(((x, 430), (x + 150, 430), (x + 130, 600), (x + 20, 600)), CLAY)
            sheet.scatter((x, 300, x + 150, 430), 22, LEAF, 30)
        else:
            sheet.shape(((x - 30, 560), (x - 30, 660), (x + 150, 640), (x + 150, 580)), CLAY)
            sheet.scatter((x + 130, 560, x + 240, 660), 14, (96, 74, 56), 22)
            sheet.scatter((x + 170, 520, x + 270, 620), 12, LEAF, 26)
    return sheet.done()


def pothole(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, (192, 200, 198), (122, 124, 124), 0.3)
    for y in range(260, HEIGHT, 120):
        sheet.shape(((465, y), (495, y), (500, y + 60), (460, y + 60)), (228, 222, 200))
    if mended:
        sheet.box((300, 430, 660, 610), (84, 86, 88), 30)
    else:
        sheet.blob(480, 520, 220, (84, 80, 76))
        sheet.blob(490, 530, 150, (58, 54, 50))
        sheet.blob(500, 545, 90, WATER)
        sheet.scatter((250, 420, 730, 640), 26, (104, 100, 94), 12)
    return sheet.done()


def corridor(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, (222, 216, 202), (168, 160, 148), 0.62)
    sheet.shape(((0, 0), (250, 120), (250, 450), (0, HEIGHT)), shade(WALL, -14))
    sheet.shape(((WIDTH, 0), (710, 120), (710, 450), (WIDTH, HEIGHT)), shade(WALL, -22))
    sheet.box((390, 170, 570, 450), (118, 132, 124))
    sheet.oval((540, 305, 560, 325), (210, 190, 120))
    if not mended:
        sheet.shape(((250, 430), (600, 430), (660, 640), (180, 640)), (136, 96, 88))
        sheet.box((190, 360, 640, 450), (150, 108, 98), 30)
        for x, y in ((640, 470), (690, 380), (650, 560)):
            sheet.box((x, y, x + 150, y + 110), (190, 154, 108))
            sheet.line(((x + 75, y), (x + 75, y + 110)), (216, 190, 150), 14)
        sheet.line(((180, 640), (120, 260)), STEEL, 14)
    return sheet.done()


def wires(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, (204, 198, 184), (152, 150, 144), 0.68)
    for x in (160, 560):
        sheet.box((x, 60, x + 240, 260), (118, 140, 150))
        sheet.line(((x + 120, 60), (x + 120, 260)), shade(WALL, 10), 10)
    for x in (300, 620):
        sheet.oval((x - 80, 540, x + 20, 640), INK)
        sheet.oval((x + 130, 540, x + 230, 640), INK)
        sheet.line(((x - 30, 590), (x + 60, 500), (x + 150, 500), (x + 180, 590)), (70, 110, 150), 18)
        sheet.line(((x + 150, 500), (x + 140, 440), (x + 180, 430)), INK, 10)
    if mended:
        sheet.box((430, 400, 520, 520), (60, 130, 96))
        sheet.oval((460, 430, 490, 460), (230, 230, 220))
    else:
        for x, sag in ((230, 120), (300, 60), (640, 90), (700, 150)):
            sheet.line(((x, 260), (x + sag, 380), (x + 40, 500)), RED if sag > 100 else INK, 7)
        sheet.box((330, 400, 420, 440), (236, 232, 220))
    return sheet.done()


def noodles(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, (172, 160, 148), (140, 136, 128), 0.6)
    sheet.box((120, 150, 840, 430), (196, 176, 146))
    sheet.box((120, 90, 840, 170), RED)
    for x in range(140, 840, 100):
        sheet.shape(((x, 170), (x + 50, 170), (x + 25, 210)), (226, 214, 190))
    sheet.box((200, 240, 440, 420), (86, 92, 92))
    sheet.box((520, 240, 780, 420), (106, 112, 108))
    if mended:
        sheet.box((160, 520, 290, 660), (92, 124, 88))
    else:
        for x in (560, 620, 690):
            sheet.blob(x, 60 + rng.uniform(-20, 20), 80, (150, 146, 142))
        for x in (170, 300, 420):
            sheet.box((x, 540, x + 100, 650), (88, 108, 128))
        sheet.blob(560, 660, 240, (116, 98, 70))
    return sheet.done()


def leak(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, (216, 210, 198), (170, 164, 154), 0.78)
    sheet.line(((180, 0), (180, 300), (700, 300), (700, 560)), STEEL, 44)
    sheet.oval((146, 266, 214, 334), shade(STEEL, -20))
    sheet.oval((666, 266, 734, 334), shade(STEEL, -20))
    if mended:
        sheet.box((420, 262, 520, 338), (60, 110, 150))
    else:
        sheet.blob(470, 470, 120, (186, 176, 156))
        for x in (440, 470, 500):
            sheet.line(((x, 322), (x + 4, 560)), WATER, 8)
        sheet.blob(480, 640, 280, WATER)
    return sheet.done()


def door(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, (206, 200, 188), (150, 146, 138), 0.8)
    sheet.box((300, 80, 660, 600), (70, 74, 72))
    if mended:
        sheet.box((312, 92, 648, 598), (126, 88, 66))
        sheet.box((360, 100, 520, 132), STEEL)
        sheet.line(((520, 116), (600, 96)), STEEL, 12)
    else:
        sheet.shape(((312, 92), (180, 140), (180, 660), (312, 598)), (126, 88, 66))
        sheet.box((200, 630, 300, 680), CLAY, 2)
    sheet.oval((600 if mended else 196, 350, 628 if mended else 224, 378), (210, 190, 120))
    return sheet.done()


def tree(rng: Random, mended: bool) -> Image.Image:
    sheet = Sheet(rng, (188, 208, 216), (128, 148, 112), 0.55)
    sheet.line(((620, 640), (630, 420), (600, 220)), WOOD, 60)
    sheet.scatter((420, 60, 800, 300), 60, LEAF, 60)
    if not mended:
        sheet.line(((100, 620), (360, 560), (560, 590)), WOOD, 40)
        sheet.scatter((60, 480, 420, 640), 40, LEAF, 40)
    sheet.line(((0, 690), (WIDTH, 690)), shade(STREET, 20), 60)
    return sheet.done()


SCENES: Final[Mapping[str, Scene]] = {
    "drain": drain,
    "garbage": garbage,
    "planters": planters,
    "pothole": pothole,
    "corridor": corridor,
    "wires": wires,
    "noodles": noodles,
    "leak": leak,
    "door": door,
    "tree": tree,
}
