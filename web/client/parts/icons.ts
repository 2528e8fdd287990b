/** The one drawn family (Lucide, ISC licence): only those that are used. */
import archive from "lucide-static/icons/archive.svg?raw";
import arrowLeft from "lucide-static/icons/arrow-left.svg?raw";
import bell from "lucide-static/icons/message-circle-reply.svg?raw";
import book from "lucide-static/icons/notebook-pen.svg?raw";
import buoy from "lucide-static/icons/life-buoy.svg?raw";
import building from "lucide-static/icons/building-2.svg?raw";
import calendar from "lucide-static/icons/calendar-clock.svg?raw";
import swap from "lucide-static/icons/arrow-left-right.svg?raw";
import tel from "lucide-static/icons/phone-call.svg?raw";
import camera from "lucide-static/icons/camera.svg?raw";
import check from "lucide-static/icons/check.svg?raw";
import chevron from "lucide-static/icons/chevron-right.svg?raw";
import cloud from "lucide-static/icons/cloud-upload.svg?raw";
import diamond from "lucide-static/icons/diamond.svg?raw";
import download from "lucide-static/icons/download.svg?raw";
import enlarge from "lucide-static/icons/zoom-in.svg?raw";
import shrink from "lucide-static/icons/zoom-out.svg?raw";
import mic from "lucide-static/icons/mic.svg?raw";
import stop from "lucide-static/icons/square.svg?raw";
import play from "lucide-static/icons/play.svg?raw";
import pause from "lucide-static/icons/pause.svg?raw";
import undo from "lucide-static/icons/undo-2.svg?raw";
import mosaic from "lucide-static/icons/grid-3x3.svg?raw";
import drive from "lucide-static/icons/hard-drive.svg?raw";
import door from "lucide-static/icons/door-closed.svg?raw";
import care from "lucide-static/icons/hand-heart.svg?raw";
import hand from "lucide-static/icons/hand.svg?raw";
import help from "lucide-static/icons/circle-question-mark.svg?raw";
import image from "lucide-static/icons/image.svg?raw";
import images from "lucide-static/icons/images.svg?raw";
import list from "lucide-static/icons/list-checks.svg?raw";
import locate from "lucide-static/icons/locate-fixed.svg?raw";
import pin from "lucide-static/icons/map-pin.svg?raw";
import ring from "lucide-static/icons/bell-ring.svg?raw";
import ringOff from "lucide-static/icons/bell-off.svg?raw";
import notice from "lucide-static/icons/megaphone.svg?raw";
import phone from "lucide-static/icons/smartphone.svg?raw";
import redo from "lucide-static/icons/rotate-ccw.svg?raw";
import scan from "lucide-static/icons/scan-qr-code.svg?raw";
import walk from "lucide-static/icons/footprints.svg?raw";
import team from "lucide-static/icons/users-round.svg?raw";
import route from "lucide-static/icons/route.svg?raw";
import search from "lucide-static/icons/search.svg?raw";
import share from "lucide-static/icons/share-2.svg?raw";
import sun from "lucide-static/icons/sun.svg?raw";
import trash from "lucide-static/icons/trash-2.svg?raw";
import triangle from "lucide-static/icons/triangle-alert.svg?raw";
import user from "lucide-static/icons/user-round.svg?raw";
import wrench from "lucide-static/icons/wrench.svg?raw";
import close from "lucide-static/icons/x.svg?raw";

export const ICONS = {
  archive, arrowLeft, bell, book, buoy, building, camera, check, chevron, close, cloud, diamond, door, download, drive, enlarge, help,
  image, images, list, locate, mic, mosaic, notice, pause, phone, pin, play, redo, ring, ringOff, route, scan, search, share, shrink, stop, sun, team, trash, triangle, calendar, swap, tel, care, hand, undo, user, walk, wrench,
};
export type IconName = keyof typeof ICONS;
