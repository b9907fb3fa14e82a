import { NotFoundView } from '@/components/shell/problem-views';

export default NotFoundView;
