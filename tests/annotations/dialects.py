"""Documents true to what each tool exports, one builder a tool; all are of the same two pictures.

`a.jpg` (200 x 100) holds a dog at [20, 10, 40, 30] and a cat at [100, 50, 60, 40]; `b.jpg` (100 x 80) a dog at
[0, 0, 50, 40]. Keys, types and quirks are the tool's own, read in the source that each docstring names; texts and
numbers are ours. Nothing here knows what the reader makes of them.
"""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

DOG, CAT, PUPPY = [20, 10, 40, 30], [100, 50, 60, 40], [0, 0, 50, 40]
WHERE = ((0, 0, DOG), (0, 1, CAT), (1, 0, PUPPY))
"""Picture, category and box of the three objects, both counted from 0."""
PICTURES = (("a.jpg", 200, 100), ("b.jpg", 100, 80))


def outline(box: list[Any]) -> list[Any]:
    """A box's four corners as one polygon."""
    x, y, w, h = box
    return [x, y, x + w, y, x + w, y + h, x, y + h]


def images(first: int = 1, prefix: str = "", **extra: Any) -> list[Json]:
    """The two pictures as COCO lists them."""
    return [
        {"id": first + n, "file_name": prefix + name, "width": width, "height": height, **extra}
        for n, (name, width, height) in enumerate(PICTURES)
    ]


def objects(first: int = 1, image: int = 1, category: int = 1, **extra: Any) -> list[Json]:
    """The three objects; the numbers are what each kind of id begins with."""
    return [
        {"id": first + n, "image_id": image + i, "category_id": category + c, "bbox": list(box), **extra}
        for n, (i, c, box) in enumerate(WHERE)
    ]


def categories(first: int = 1, names: tuple[str, ...] = ("dog", "cat"), **extra: Any) -> list[Json]:
    """Categories numbered from `first`."""
    return [{"id": first + n, "name": name, **extra} for n, name in enumerate(names)]


def coco_instances() -> Json:
    """cocodataset/cocoapi:PythonAPI/pycocotools/coco.py; a crowd has a mask of run lengths."""
    listed = [
        {**entry, "coco_url": f"http://images.cocodataset.org/val2017/{entry['file_name']}"} for entry in images()
    ]
    found = [{**entry, "segmentation": [outline(entry["bbox"])], "area": 1, "iscrowd": 0} for entry in objects()]
    found[1] |= {"iscrowd": 1, "segmentation": {"counts": [10050, 40, 9910], "size": [100, 200]}}
    kinds = categories(supercategory="animal")
    return {"info": {"year": 2017}, "licenses": [], "images": listed, "annotations": found, "categories": kinds}


def coco_keypoints() -> Json:
    """cocodataset/cocoapi:PythonAPI/pycocotools/cocoeval.py; three numbers a point."""
    found = objects(category=1, num_keypoints=2, keypoints=[30, 20, 2, 0, 0, 0, 31, 22, 1], iscrowd=0)
    kinds = categories(keypoints=["nose", "left_eye", "right_eye"], skeleton=[[1, 2]])
    return {"info": {}, "images": images(), "annotations": found, "categories": kinds}


def coco_captions() -> Json:
    """cocodataset/cocoapi:PythonAPI/pycocotools/coco.py; no categories, ids out of order."""
    told = [(9, 1, "Second. "), (4, 1, "First\n"), (5, 2, "A  puppy.")]
    found = [{"image_id": image, "id": number, "caption": text} for number, image, text in told]
    return {"info": {}, "images": images(), "licenses": [], "annotations": found}


def panoptic_detection() -> Json:
    """cocodataset/panopticapi:converters/panoptic2detection_coco_format.py; compressed masks, annotation ids from 0."""
    kinds = [{"supercategory": "animal", "id": 18, "name": "dog"}, {"supercategory": "wall", "id": 199}]
    kinds[1]["name"] = "wall-other-merged"
    found = [
        {**entry, "category_id": (18, 199)[entry["category_id"]], "iscrowd": 0} for entry in objects(0, category=0)
    ]
    for entry in found:
        entry["segmentation"] = {"counts": "000T3", "size": [10, 10]}
    return {"info": {}, "licenses": [], "images": images(), "annotations": found, "categories": kinds}


def panoptic() -> Json:
    """cocodataset/panopticapi:sample_data/panoptic_examples.json; one annotation an image, its file the mask's."""
    found = [
        {"segments_info": [], "file_name": name[:-3] + "png", "image_id": n + 1}
        for n, (name, *_) in enumerate(PICTURES)
    ]
    for i, c, box in WHERE:
        segment = {"area": 1, "category_id": (18, 184)[c], "iscrowd": 0, "id": 3937500 + c, "bbox": box}
        found[i]["segments_info"].append(segment)  # type: ignore[attr-defined]
    kinds = [{"supercategory": "animal", "isthing": 1, "id": 18, "name": "dog"}]
    kinds.append({"supercategory": "plant", "isthing": 0, "id": 184, "name": "tree-merged"})
    return {"info": {}, "licenses": [], "images": images(), "annotations": found, "categories": kinds}


def lvis() -> Json:
    """facebookresearch/detectron2:detectron2/data/datasets/lvis.py; v1 has no file_name, only coco_url."""
    listed = []
    for entry in images(neg_category_ids=[2], not_exhaustive_category_ids=[], license=3):
        name = entry.pop("file_name")
        listed.append({**entry, "coco_url": f"http://images.cocodataset.org/train2017/{name}"})
    found = [{**entry, "area": 1.5, "segmentation": [outline(entry["bbox"])]} for entry in objects()]
    more = {
        "image_count": 1,
        "frequency": "r",
        "instance_count": 1,
        "synset": "dog.n.01",
        "def": "…",
        "synonyms": ["d"],
    }
    kinds = categories(names=("dog_(hound)", "alarm_clock", "acorn"), **more)
    return {"info": {}, "licenses": [], "images": listed, "annotations": found, "categories": kinds}


def objects365() -> Json:
    """open-mmlab/mmdetection:mmdet/datasets/objects365.py; patches as folders, names with slashes."""
    listed = images(900001, "images/v2/patch16/", license=5, url="")
    found = objects(97, 900001, iscrowd=0, isfake=0, isreflected=0, area=1.25)
    return {
        "images": listed,
        "annotations": found,
        "categories": categories(names=("Handbag/Satchel", "Cat")),
        "licenses": [],
    }


def roboflow() -> Json:
    """The Roboflow export in this project's odd files; category 0 is the project's and used by no box."""
    listed = [
        {**e, "file_name": e["file_name"].replace(".", "_") + ".rf.0f1e.jpg", "date_captured": "2021"}
        for e in images(0)
    ]
    found = [{**entry, "area": 1, "segmentation": []} for entry in objects(0, 0)]
    kinds = [{"id": 0, "name": "pets", "supercategory": "none"}, *categories(supercategory="pets")]
    return {"info": {"year": "2021"}, "licenses": [], "categories": kinds, "images": listed, "annotations": found}


def via_old() -> Json:
    """The VIA 2.0 export in this project's odd files: image_id is text, polygons flat, a category stands twice."""
    found = [{**e, "image_id": str(e["image_id"]), "segmentation": outline(e["bbox"])} for e in objects(0, 0)]
    kinds = [*categories(supercategory="class"), {"id": 1, "name": "dog", "supercategory": "class"}]
    return {"info": {}, "images": images(0), "annotations": found, "licenses": [], "categories": kinds}


def via_new() -> Json:
    """VIA 2's own via.js, export_project_to_coco_format; a point region has an empty box and an empty polygon."""
    found = [{**entry, "segmentation": [outline(entry["bbox"])], "area": 1, "iscrowd": 0} for entry in objects()]
    point = {"segmentation": [[]], "area": [], "bbox": [], "iscrowd": 0, "keypoints": [5, 5, 2], "num_keypoints": 1}
    found.append({**point, "id": 4, "image_id": 1, "category_id": 1})
    listed = images(license=0, flickr_url="./a.jpg", coco_url="./a.jpg", date_captured="")
    return {"info": {}, "images": listed, "annotations": found, "licenses": [], "categories": categories()}


def coco_annotator(crowd: Any = False) -> Json:
    """jsbroks/coco-annotator:backend/workers/tasks/data.py and backend/database/annotations.py; iscrowd is a bool."""
    extra = {"iscrowd": crowd, "isbbox": False, "color": "#1c2dd8", "metadata": {}, "area": 1}
    found = [{**entry, "bbox": [float(v) for v in entry["bbox"]], **extra} for entry in objects(0, 0)]
    for entry in found:
        entry["segmentation"] = [outline(entry["bbox"])]
    listed = images(0, dataset_id=None, path="/datasets/x/a.jpg", category_ids=[], annotated=True, deleted=False)
    kinds = categories(supercategory="", color="#594b6f", metadata={}, keypoint_colors=[])
    return {"images": listed, "categories": kinds, "annotations": found}


def sahi() -> Json:
    """obss/sahi:sahi/utils/coco.py (VisDrone is converted with it): sub-folders, category 0, no info."""
    found = [{"iscrowd": 0, "segmentation": [], "area": 1, **entry} for entry in objects(category=0)]
    kinds = [{**entry, "supercategory": entry["name"]} for entry in categories(0)]
    return {"images": images(prefix="images/"), "annotations": found, "categories": kinds}


def labelme2coco() -> Json:
    """fcakyon/labelme2coco:labelme2coco/labelme2coco.py; polygons, category ids from 0."""
    document = sahi()
    for entry in document["annotations"]:
        entry["segmentation"] = [outline(entry["bbox"])]
    return {**document, "images": images()}


def datumaro() -> Json:
    """open-edge-platform/datumaro:src/datumaro/plugins/data_formats/coco/exporter.py; what is unknown is "" or 0."""
    extra = {"license": 0, "flickr_url": "", "coco_url": "", "date_captured": 0}
    found = [{**entry, "segmentation": [], "area": 1.0, "iscrowd": 0} for entry in objects()]
    info = dict.fromkeys(("contributor", "date_created", "description", "url", "version", "year"), "")
    kinds = categories(supercategory="")
    licenses = [{"name": "", "id": 0, "url": ""}]
    return {"licenses": licenses, "info": info, "categories": kinds, "images": images(**extra), "annotations": found}


def cvat() -> Json:
    """cvat-ai/cvat:cvat/apps/dataset_manager/formats/coco.py, which writes with Datumaro: a mask is a crowd."""
    document = datumaro()
    for entry in document["annotations"]:
        entry["attributes"] = {"occluded": False, "rotation": 0.0, "track_id": 3, "keyframe": True}
    document["annotations"][1] |= {"iscrowd": 1, "segmentation": {"counts": [10050, 40, 9910], "size": [100, 200]}}
    return document


def label_studio(*names: str, sized: bool = True) -> Json:
    """HumanSignal/label-studio-sdk:src/label_studio_sdk/converter/converter.py, convert_to_coco; ids from 0."""
    listed = images(0)
    for entry, name in zip(listed, names, strict=True):
        entry["file_name"] = name
        if not sized:  # pictures that could not be opened and hold no region
            entry["width"] = entry["height"] = None
    found = [{**entry, "segmentation": [], "ignore": 0, "iscrowd": 0, "area": 1.0} for entry in objects(0, 0, 0)]
    info = {"year": 2025, "version": "1.0", "contributor": "Label Studio", "url": ""}
    return {"images": listed, "categories": categories(0), "annotations": found if sized else [], "info": info}


def fiftyone() -> Json:
    """voxel51/fiftyone:fiftyone/utils/coco.py; boxes are fractions times the size, iscrowd only where it was set."""
    found = [{**entry, "area": 1.0, "supercategory": "animal"} for entry in objects(category=0)]
    for entry in found:
        entry["bbox"] = [value + 1e-14 for value in entry["bbox"]]
    kinds = categories(0, supercategory=None)
    return {
        "info": {},
        "licenses": [],
        "categories": kinds,
        "images": images(license=None, coco_url=None),
        "annotations": found,
    }


def fiftyone_unlabelled() -> Json:
    """voxel51/fiftyone:fiftyone/utils/coco.py: without labels there are no `annotations`; nor in COCO's test files."""
    return {"info": {}, "licenses": [], "categories": [], "images": images(license=None, coco_url=None)}


def supervision() -> Json:
    """roboflow/supervision:supervision/dataset/formats/coco.py as of 006caa0: annotation ids begin anew."""
    found = [{**entry, "bbox": [float(v) for v in entry["bbox"]], "iscrowd": 0} for entry in objects(0, 0, 0)]
    for entry, number in zip(found, (0, 1, 0), strict=True):
        entry |= {"id": number, "segmentation": outline(entry["bbox"])}
    kinds = categories(0, supercategory="common-objects")
    licenses = [{"id": 1, "url": "", "name": "CC BY 4.0"}]
    return {"info": {}, "licenses": licenses, "categories": kinds, "images": images(0, license=1), "annotations": found}


def taco() -> Json:
    """pedropro/TACO:data/annotations.json: sub-folders, scenes beside the annotations, a box that begins before 0."""
    found = [
        {**entry, "segmentation": [outline(entry["bbox"])], "area": 1.0, "iscrowd": 0} for entry in objects(1, 0, 0)
    ]
    found[2]["bbox"] = [-1, 0, 51, 40]
    scenes = {
        "scene_annotations": [{"image_id": 0, "background_ids": [1]}],
        "scene_categories": [{"id": 0, "name": "Clean"}],
    }
    listed = images(0, "batch_1/", coco_url=None, license=None, flickr_640_url="x")
    return {"info": {}, "images": listed, "annotations": found, **scenes, "licenses": [], "categories": categories(0)}


# What is no COCO


def via_project() -> Json:
    """VIA 2.0.10's project file, by its own via.js."""
    meta = {"a.jpg1234": via_annotations()["a.jpg1234"]}
    attributes = {"region": {"kind": {"type": "dropdown", "options": {"dog": ""}}}, "file": {}}
    settings = {"ui": {}, "core": {"filepath": {}, "default_filepath": ""}, "project": {"name": "via_project"}}
    more = {"_via_attributes": attributes, "_via_data_format_version": "2.0.10", "_via_image_id_list": list(meta)}
    return {"_via_settings": settings, "_via_img_metadata": meta, **more}


def via_annotations() -> Json:
    """VIA 2's `export annotations (as json)`, by pack_via_metadata of its own via.js: a picture a key."""
    shape = {"name": "rect", "x": 20, "y": 10, "width": 40, "height": 30}
    regions = [{"shape_attributes": shape, "region_attributes": {"kind": "dog"}}]
    return {"a.jpg1234": {"filename": "a.jpg", "size": 1234, "regions": regions, "file_attributes": {}}}


def labelme() -> Json:
    """wkentaro/labelme:labelme/label_file.py; a file a picture."""
    shape = {"label": "dog", "points": [[20, 10], [60, 40]], "group_id": None, "shape_type": "rectangle", "flags": {}}
    picture = {"imagePath": "a.jpg", "imageData": None, "imageHeight": 100, "imageWidth": 200}
    return {"version": "5.0.1", "flags": {}, "shapes": [shape], **picture}


def label_studio_json() -> list[Json]:
    """HumanSignal/label-studio-sdk:tests/custom/converter/data/test_export_coco/data.json; numbers are per cent."""
    value = {"x": 10.0, "y": 10.0, "width": 20.0, "height": 30.0, "rotation": 0, "rectanglelabels": ["dog"]}
    result = {"id": "G1", "type": "rectanglelabels", "value": value, "original_width": 200, "original_height": 100}
    task = {"id": 7, "annotations": [{"id": 1, "result": [result]}], "data": {"image": "/data/upload/1/x-a.jpg"}}
    return [{**task, "file_upload": "x-a.jpg", "predictions": [], "project": 1}]


def label_studio_json_min() -> list[Json]:
    """HumanSignal/label-studio-sdk:src/label_studio_sdk/converter/converter.py, convert_to_json_min."""
    label = {"x": 10.0, "y": 10.0, "width": 20.0, "height": 30.0, "rectanglelabels": ["dog"], "original_width": 200}
    more = {"annotator": 1, "annotation_id": 1, "created_at": "2025", "updated_at": "2025", "lead_time": 18.1}
    return [{"image": "/data/upload/1/x-a.jpg", "id": 7, "label": [label], **more}]


def datumaro_own() -> Json:
    """openvinotoolkit/datumaro:tests/assets/datumaro_dataset/legacy/annotations/validation.json."""
    labels = {"labels": [{"name": "dog", "parent": "", "attributes": []}], "attributes": []}
    box = {"id": 0, "type": "bbox", "label_id": 0, "bbox": DOG, "attributes": {}, "group": 0, "z_order": 0}
    item = {"id": "a", "annotations": [box], "image": {"path": "a.jpg", "size": [100, 200]}}
    return {"infos": {}, "categories": {"label": labels}, "items": [item]}


def coco_results() -> list[Json]:
    """cocodataset/cocoapi:results/instances_val2014_fakebbox100_results.json: a model's guesses."""
    return [{"image_id": 1, "category_id": 18, "bbox": DOG, "score": 0.9}]


def coco_caption_results() -> list[Json]:
    """tylin/coco-caption:results/captions_val2014_fakecap_results.json: a model's guesses."""
    return [{"image_id": 1, "caption": "a dog on a rug"}]


# One picture a line


def caps_boxes() -> str:
    """haotian-liu/LLaVA:llava/eval/table/caps_boxes_coco2014_val_80.jsonl."""
    found = {
        "a.jpg": [("dog", 0.1, 0.1, 0.3, 0.4), ("cat", 0.5, 0.5, 0.8, 0.9)],
        "b.jpg": [("dog", 0.0, 0.0, 0.5, 0.5)],
    }
    return lines(
        {
            "id": f"00000000000{n}",
            "image": name,
            "captions": ["First", "Second."],
            "instances": [{"category": box[0], "bbox": list(box[1:])} for box in found[name]],
        }
        for n, name in enumerate(found, 1)
    )


def plain(layout: str = "list", pixels: bool = False) -> list[Json]:
    """The form that this project documents: `image, captions, boxes`; corners over the size, or in pixels."""
    entries: list[Json] = []
    for n, (name, width, height) in enumerate(PICTURES):
        size = (1, 1) if pixels else (width, height)
        boxes: list[Any] = []
        for i, c, (x, y, w, h) in WHERE:
            if i == n:
                kind, corners = ("dog", "cat")[c], [x / size[0], y / size[1], (x + w) / size[0], (y + h) / size[1]]
                boxes.append([kind, *corners] if layout == "list" else {"category": kind, "bbox": corners})
        told = {"width": width, "height": height} if pixels else {}
        entries.append({"id": n + 1, "image": name, "captions": ["First", "Second."], "boxes": boxes, **told})
    return entries


def lines(entries: Any) -> str:
    """JSON lines."""
    return "".join(json.dumps(entry) + "\n" for entry in entries)


# Numbers that mean something else


def relaid(layout: str, sized: bool = True) -> Json:
    """COCO but for its boxes: `0..1 xywh`, `0..1 xyxy` or `xyxy` in pixels; as scripts write them."""
    document: Json = {"images": images(), "annotations": objects(), "categories": categories()}
    for entry in document["annotations"]:
        x, y, w, h = entry["bbox"]
        width, height = PICTURES[entry["image_id"] - 1][1:] if layout.startswith("0..1") else (1, 1)
        c, d = (x + w, y + h) if layout.endswith("xyxy") else (w, h)
        entry["bbox"] = [x / width, y / height, c / width, d / height]
    for entry in document["images"]:
        if not sized:
            del entry["width"], entry["height"]
    return document


def renumbered(image: Any, told: Any, category: Any, said: Any) -> Json:
    """COCO with the ids of images and categories as the lists write them, and as the annotations do."""
    found = [
        {"id": n, "image_id": told[i], "category_id": said[c], "bbox": box, "iscrowd": 0}
        for n, (i, c, box) in enumerate(WHERE)
    ]
    listed = [{**entry, "id": number} for entry, number in zip(images(), image, strict=True)]
    kinds = [{**entry, "id": number} for entry, number in zip(categories(), category, strict=True)]
    return {"images": listed, "annotations": found, "categories": kinds}
