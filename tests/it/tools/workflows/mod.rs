mod rotate;
