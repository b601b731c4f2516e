"""A study on disk: nothing lost, nothing counted twice."""
